import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostLeftovers, type Leftover } from '../../../src/services/leftovers'
import { type ServiceUnit, serviceUnits } from '../../../src/services/service-units'
import { declaredServices, startServices, stopServices, stopServicesAgain } from '../../../src/services/systemd'
import type { StageInput } from '../../../src/stages/stage'
import { hasShell, SHELLS, type ShellName, shellMachine } from '../../fixtures/shells'
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
within 300
start app.service
running app.service || exit 1
forget app.socket app.service && systemctl daemon-reload`,
    )
  })

  it('does not start in an undo what was down before', () => {
    const [step] = stops(input(['app'], [unit('app.service', { active: 'failed' })]))
    expect(acts(step?.undo?.run.text ?? '')).not.toMatch(/start|running/)
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

/** Runs `act` behind the functions of a script, where `systemctl` is this script. */
async function actsIn(shell: ShellName, systemctl: string, text: string, act: string) {
  const machine = shellMachine(shell)
  writeFileSync(join(machine.folder, 'bin/systemctl'), `#!/bin/sh\nd=${machine.folder}\n${systemctl}\n`, {
    mode: 0o755,
  })
  const functions = text.slice(0, text.lastIndexOf('\n}\n') + 3)
  const began = performance.now()
  const channel = machine.exec(`${functions}${act}`)
  let said = ''
  for await (const chunk of channel.stderr) said += Buffer.from(chunk).toString()
  const code = await channel.exit
  machine.dispose()
  return { code, said, tookMs: performance.now() - began }
}

describe.each(SHELLS.filter(hasShell))('a service that is slow, in %s', (shell) => {
  const [stop] = stops(input([{ name: 'app', stop_timeout: '1s' }], [unit('app.service')]))
  const text = stop?.undo?.run.text ?? ''

  it('has the time of the file to go down to the letter, and is named', async () => {
    const { code, said } = await actsIn(shell, 'exec sleep 60', text, 'stop_within 1 app.service')
    expect(code).not.toBe(0)
    expect(said).toContain('app.service not down after 1 s')
  })

  it('has the time of the file to come up to the letter, its socket included, and is named', async () => {
    const systemctl = 'case $1 in start) exec sleep 60 ;; show) echo activating ;; esac'
    const act = 'within 2; start app.socket; start app.service; running app.socket app.service'
    const { code, said, tookMs } = await actsIn(shell, systemctl, text, act)
    expect(code).toBe(1)
    expect(said).toContain('app.socket is still activating after 2 s\n')
    expect(tookMs).toBeGreaterThan(1_900)
    // Besides the machine's own slowness: nothing of the half minute that the step has around it.
    expect(tookMs).toBeLessThan(15_000)
  })

  it('is waited for where it comes up by itself after a start that failed', async () => {
    const systemctl =
      'case $1 in start) exit 1 ;; show) [ -e "$d/up" ] && echo active || { echo activating; : >"$d/up"; } ;; esac'
    const { code, said } = await actsIn(shell, systemctl, text, 'within 30; start app.service; running app.service')
    expect([code, said]).toEqual([0, ''])
  })

  it('that failed is not waited for', async () => {
    const systemctl = 'case $1 in start) exit 1 ;; show) echo failed ;; esac'
    const { code, said, tookMs } = await actsIn(
      shell,
      systemctl,
      text,
      'within 60; start app.service; running app.service',
    )
    expect([code, said]).toEqual([1, 'app.service is failed, not active\n'])
    expect(tookMs).toBeLessThan(30_000)
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
      'within 300\nstart app.service\nrunning app.service || exit 1',
    )
  })

  it('opens a socket before its service, and stops a service that came up first', () => {
    const holds = [hold('app.service'), hold('app.socket', 'active', 'app.service')]
    const [step] = startServices(input(['app'], [unit('app.service')], holds)).steps
    expect(step?.do === 'sh' && acts(step.run.text)).toContain(
      `for u in app.socket; do systemctl is-active --quiet -- "$u" || { systemctl stop -- app.service; break; }; done
within 300
start app.socket
start app.service
`,
    )
  })

  it('gives a start its time from the file, else five minutes', () => {
    const x = input(
      [{ name: 'a', start_timeout: '20s' }, 'b'],
      [unit('a.service'), unit('b.service')],
      [hold('a.service'), hold('b.service')],
    )
    const steps = startServices(x).steps.flatMap((step) => (step.do === 'sh' ? [step] : []))
    expect(steps.map((step) => acts(step.run.text).match(/^within \d+$/m)?.[0])).toEqual(['within 300', 'within 20'])
    expect(steps.map((step) => step.timeoutMs)).toEqual([330_000, 50_000])
    expect(acts(stops(x)[0]?.undo?.run.text ?? '')).toContain('within 20\nstart a.service\n')
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
    const [step] = stopServicesAgain(input(['app'], [unit('app.service')])).steps
    expect(step).toMatchObject({ id: 'stop-1-app.service', disruptive: true })
    expect(step).not.toHaveProperty('undo')
  })

  it('stops those again that are there, and says of the others why they are not', () => {
    const gone = unit('gone.service', { load: 'not-found', active: 'inactive' })
    const { steps, missing } = stopServicesAgain(input(['gone', 'app', 'db'], [gone, unit('app.service')]))
    expect(steps.map((step) => step.id)).toEqual(['stop-1-app.service'])
    expect(missing).toEqual([
      'the declared service gone does not exist on this host',
      'the declared service db does not exist on this host',
    ])
  })
})
