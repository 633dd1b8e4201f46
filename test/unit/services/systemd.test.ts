import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostLeftovers, type Leftover } from '../../../src/services/leftovers'
import { type ServiceUnit, serviceUnits } from '../../../src/services/service-units'
import { declaredServices, startServices, stopServices, stopServicesAgain } from '../../../src/services/systemd'
import type { StageInput } from '../../../src/stages/stage'
import { hasShell, SHELLS, shellMachine } from '../../fixtures/shells'
import { factsOf, stageInput } from '../../fixtures/stage-input'

function unit(id: string, more: Partial<ServiceUnit> = {}): ServiceUnit {
  const plain = { load: 'loaded', active: 'active', enabled: 'enabled', type: 'simple', remainsAfterExit: false }
  const near = { triggeredBy: [], stoppedWith: [], controlGroup: '', listens: [] }
  return { id, names: [id], ...plain, ...near, ...more }
}

function input(services: readonly (string | object)[], units: readonly ServiceUnit[], holds: readonly Leftover[] = []) {
  const x = stageInput({ drain: { services: services as string[] } })
  return { ...x, facts: factsOf([serviceUnits(x.host), units], [hostLeftovers, holds]) } satisfies StageInput
}

function stops(x: StageInput) {
  const declared = declaredServices(x)
  if (!declared.ok) throw new Error(declared.why)
  return stopServices(x, declared.value)
}

/** The lines of a script after the functions it begins with. */
const acts = (text: string) => text.slice(text.lastIndexOf('\n}\n') + 3)

describe('stopping services', () => {
  it('H24: holds a service and its socket by a drop-in before it stops them, and reads back that they are down', () => {
    const x = input(['app'], [unit('app.service', { triggeredBy: ['app.socket'] }), unit('app.socket', { type: '' })])
    expect(acts(stops(x)[0]?.run.text ?? '')).toBe(
      `hold app.socket active app.service || exit 1
hold app.service active app.service || exit 1
systemctl daemon-reload && held app.socket app.service || exit 1
systemctl stop -- app.socket || exit 1
stop_within 300 app.service || exit 1
stopped app.socket app.service`,
    )
  })

  it('H24: holds a socket that is down too, as a package script may start it', () => {
    const x = input(
      ['app'],
      [unit('app.service', { triggeredBy: ['app.socket'] }), unit('app.socket', { active: 'inactive' })],
    )
    expect(stops(x)[0]?.run.text).toContain('hold app.socket inactive app.service')
  })

  it('brings with every stop an undo that starts exactly what ran before', () => {
    const x = input(
      ['app'],
      [unit('app.service', { triggeredBy: ['app.socket'] }), unit('app.socket', { active: 'inactive' })],
    )
    const [step] = stops(x)
    expect(step).toMatchObject({ disruptive: true, changes: true, required: true, undo: { onDeadMan: true } })
    expect(acts(step?.undo?.run.text ?? '')).toBe(
      `changed=$(systemctl show -p NeedDaemonReload --value -- app.socket app.service) || changed=yes
let_go app.socket app.service || exit 1; case $changed in *yes*) systemctl daemon-reload || exit 1 ;; esac
systemctl reset-failed -- app.service 2>/dev/null
systemctl start -- app.service || :
running 300 app.service || exit 1
forget app.socket app.service && systemctl daemon-reload`,
    )
  })

  it('does not start in an undo what was down before', () => {
    const [step] = stops(input(['app'], [unit('app.service', { active: 'failed' })]))
    expect(step?.undo?.run.text).not.toContain('systemctl start')
  })

  it('stops in the order of the file and holds running units that systemd stops along', () => {
    const units = [
      unit('app.service', { stoppedWith: ['worker.service', 'web.service'] }),
      unit('worker.service'),
      unit('web.service'),
    ]
    const steps = stops(input(['web', 'app'], units))
    expect(steps.map((step) => step.id)).toEqual(['stop-1-web.service', 'stop-2-app.service'])
    expect(acts(steps[1]?.run.text ?? '')).toContain('stop_within 300 app.service worker.service')
  })

  it('knows a service by its alias and acts on its real name', () => {
    const x = input(['mysql'], [unit('mariadb.service', { names: ['mariadb.service', 'mysql.service'] })])
    expect(stops(x)[0]?.id).toBe('stop-1-mariadb.service')
  })

  it('gives a stop its time from the file, else five minutes, and never shortens the limits of the unit', () => {
    const steps = stops(input([{ name: 'a', stop_timeout: '20s' }, 'b'], [unit('a.service'), unit('b.service')]))
    expect(acts(steps[0]?.run.text ?? '')).toContain('stop_within 20 a.service || exit 1')
    expect(acts(steps[1]?.run.text ?? '')).toContain('stop_within 300 b.service || exit 1')
    // Reading the units again and back takes time of its own, which is none of the service's.
    expect(steps.map((step) => step.timeoutMs)).toEqual([50_000, 330_000])
    expect(steps[0]?.run.text).not.toContain('TimeoutStopSec')
  })

  it.each([
    ['does not exist', unit('app.service', { load: 'not-found', active: 'inactive' })],
    ['cannot be started', unit('app.service', { load: 'masked' })],
    ['is a job that runs and ends', unit('app.service', { type: 'oneshot' })],
  ])('refuses a declared service that %s', (why, found) => {
    expect(declaredServices(input(['app'], [found]))).toEqual({ ok: false, why: expect.stringContaining(why) })
  })

  it('never stops what the host is reached by', () => {
    for (const name of ['ssh', 'sshd', 'dbus', 'systemd-networkd', 'NetworkManager']) {
      expect(declaredServices(input([name], [unit(`${name}.service`)])).ok, name).toBe(false)
    }
  })

  it('refuses when the units could not be read', () => {
    const x = stageInput({ drain: { services: ['app'] } })
    expect(declaredServices(x).ok).toBe(false)
  })
})

describe.each(SHELLS.filter(hasShell))('a service that goes down too slowly, in %s', (shell) => {
  it('has the time of the file to the letter, and is named', async () => {
    const machine = shellMachine(shell)
    writeFileSync(join(machine.folder, 'bin/systemctl'), '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 })
    const [step] = stops(input([{ name: 'app', stop_timeout: '1s' }], [unit('app.service')]))
    const text = step?.run.text ?? ''
    const functions = text.slice(0, text.lastIndexOf('\n}\n') + 3)
    const channel = machine.exec(`${functions}stop_within 1 app.service`)
    let said = ''
    for await (const chunk of channel.stderr) said += Buffer.from(chunk).toString()
    expect(await channel.exit).not.toBe(0)
    expect(said).toContain('app.service not down after 1 s')
    machine.dispose()
  })
})

describe('starting services', () => {
  const hold = (of: string, was: 'active' | 'inactive' = 'active', group = of): Leftover => ({
    unit: of,
    was,
    group,
    phase: 'held',
  })

  it('starts in reverse order of the stop, from the holds on the host', () => {
    const x = input(
      ['web', 'app'],
      [unit('web.service'), unit('app.service')],
      [hold('app.service'), hold('web.service')],
    )
    expect(startServices(x).steps.map((step) => step.id)).toEqual(['start-1-app.service', 'start-2-web.service'])
  })

  it('starts a declared service even if nothing of it ran before', () => {
    const x = input(['app'], [unit('app.service', { active: 'inactive' })], [hold('app.service', 'inactive')])
    const [step] = startServices(x).steps
    expect(step?.do === 'sh' && acts(step.run.text)).toContain(
      'systemctl start -- app.service || :\nrunning 300 app.service',
    )
  })

  it('opens a socket before its service, and stops a service that came up first', () => {
    const holds = [hold('app.service'), hold('app.socket', 'active', 'app.service')]
    const [step] = startServices(input(['app'], [unit('app.service')], holds)).steps
    expect(step?.do === 'sh' && acts(step.run.text)).toContain(
      `for u in app.socket; do systemctl is-active --quiet -- "$u" || { systemctl stop -- app.service; break; }; done
systemctl start -- app.socket || :
systemctl start -- app.service || :
`,
    )
  })

  it('starts nothing on a host that holds nothing', () => {
    expect(startServices(input(['app'], [unit('app.service')])).steps).toEqual([])
  })

  it('leaves paused actors to golive', () => {
    const x = input([], [], [hold('apt-daily.timer', 'active', 'actors')])
    expect(startServices(x).steps).toEqual([])
  })

  it('stops when the holds cannot be read', () => {
    const x = stageInput({ drain: { services: ['app'] } })
    expect(startServices(x)).toMatchObject({
      steps: [],
      stop: { reason: expect.stringContaining('could not be read') },
    })
  })

  it('stops the services again without an undo', () => {
    const [step] = stopServicesAgain(input(['app'], [unit('app.service')]))
    expect(step).toMatchObject({ id: 'stop-1-app.service', disruptive: true })
    expect(step).not.toHaveProperty('undo')
  })
})
