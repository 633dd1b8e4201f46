import { describe, expect, it } from 'vitest'
import type { Facts } from '../../../src/facts/fact'
import { rebootRequired } from '../../../src/facts/reboot-required'
import { packageConsistency, upgradable } from '../../../src/packages/facts'
import { servicePorts } from '../../../src/services/connections'
import { quietNow } from '../../../src/services/quiet'
import { type ServiceUnit, serviceUnits } from '../../../src/services/service-units'
import { drain } from '../../../src/stages/drain'
import { needsDrain } from '../../../src/stages/needs-drain'
import type { StageInput } from '../../../src/stages/stage'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'

const unit = (id: string, more: Partial<ServiceUnit> = {}): ServiceUnit => ({
  id,
  names: [id],
  load: 'loaded',
  active: 'active',
  enabled: 'enabled',
  type: 'simple',
  remainsAfterExit: false,
  triggeredBy: [],
  stoppedWith: [],
  controlGroup: `/system.slice/${id}`,
  listens: [],
  ...more,
})

const UPGRADE = {
  name: 'bash',
  from: '1',
  to: '2',
  architecture: 'amd64',
  origins: [],
  security: false,
  securityVersion: null,
}
const pending = (...upgrades: object[]) => factsOf([upgradable, { upgrades, removals: [] }])
const reboot = (needed: string) => factsOf([rebootRequired, { needed, why: 'a newer kernel', packages: [] }])

function phase(name: string, x: StageInput) {
  const found = drain.phases.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no phase ${name}`)
  return found.plan(x)
}

function busy(stages: Parameters<typeof stageInput>[0], units: readonly ServiceUnit[], more: Partial<StageInput> = {}) {
  const x = stageInput({ ...stages, drain: { when: 'always', ...stages?.drain } }, more)
  return { ...x, facts: x.facts.with(factsOf([serviceUnits(x.host), units])) }
}

describe('whether users have to be kept out', () => {
  const need = (stages: Parameters<typeof stageInput>[0], facts: Facts) =>
    needsDrain({ ...stageInput(stages), facts }).needed
  it('is no when nothing is pending that they would notice', () => {
    expect(need({}, pending().with(reboot('no')))).toBe(false)
    expect(need({}, pending().with(reboot('unknown')))).toBe(false)
    expect(need({ update: { packages: 'none' } }, pending(UPGRADE))).toBe(false)
    expect(need({ update: { packages: 'security' } }, pending(UPGRADE))).toBe(false)
    expect(need({ update: { reboot: 'never' } }, pending().with(reboot('yes')))).toBe(false)
  })
  it('is yes for packages, applications, a reboot, by order, and when the packages could not be read', () => {
    expect(need({}, pending(UPGRADE))).toBe(true)
    expect(need({ update: { apps: [{ name: 'app', run: './deploy.sh' }] } }, pending())).toBe(true)
    expect(need({}, pending().with(reboot('yes')))).toBe(true)
    expect(need({ update: { reboot: 'always' } }, pending())).toBe(true)
    expect(need({ drain: { when: 'always' } }, pending())).toBe(true)
    expect(need({}, factsOf())).toBe(true)
  })
  it('is yes where an interrupted package manager is to be finished, which restarts services', () => {
    const cut = factsOf([packageConsistency, { ok: false, problems: ['dpkg was interrupted'], interrupted: true }])
    expect(need({}, pending().with(cut))).toBe(true)
    expect(need({ update: { packages: 'none' } }, cut)).toBe(false)
  })
})

describe('drain', () => {
  it('plans no step when nothing is pending', () => {
    const x = stageInput({ drain: { services: ['app'] } }, { facts: pending() })
    for (const one of drain.phases) expect(one.plan(x).steps, one.name).toEqual([])
  })

  it('H39: waits for jobs, package managers and inhibitors before it disturbs anything, and fails if they do not end', () => {
    const x = busy({ drain: { wait_for: ['backup'] } }, [
      unit('backup.service'),
      unit('apt-daily.service', { active: 'inactive' }),
    ])
    expect(drain.phases[0]?.name).toBe('quiet')
    const [step, ...rest] = phase('quiet', x).steps
    expect(rest).toEqual([])
    expect(step).toMatchObject({ do: 'wait', required: true, changes: false, disruptive: false, timeoutMs: 600_000 })
    expect(step?.do === 'wait' && step.until.text).toContain('ActiveState --value -- backup.service apt-daily.service)')
    for (const one of drain.phases) {
      for (const made of one.plan(x).steps)
        expect(JSON.stringify(made), made.id).not.toContain('stop -- apt-daily.service')
    }
  })

  it('a host that was seen quiet along with its units is not asked again; one that was not, or is unknown, is', () => {
    const x = busy({}, [unit('apt-daily.service', { active: 'inactive' })])
    const atWork = busy({}, [unit('apt-daily.service', { active: 'activating' })])
    const isMet = (quiet: boolean | undefined, at = x) => {
      const [step] = phase('quiet', { ...at, facts: at.facts.with(factsOf([quietNow(at), quiet])) }).steps
      return step?.do === 'wait' && step.isMet
    }
    expect([isMet(true), isMet(false), isMet(undefined), isMet(true, atWork)]).toEqual([true, false, false, false])
    const blind = { ...busy({ drain: { wait_for: ['backup'] } }, []), facts: pending() }
    expect(isMet(true, blind)).toBe(false)
    const { parse } = quietNow(x)
    expect([parse('', 0), parse('', 1)]).toEqual([
      { ok: true, value: true },
      { ok: true, value: false },
    ])
    expect(parse('', 127).ok).toBe(false)
  })

  it('refuses a service or a wait_for unit that the host does not have, with the rule', () => {
    const x = busy({ drain: { services: ['app'] } }, [unit('app.service', { load: 'not-found' })])
    expect(phase('quiet', x).stop).toMatchObject({ rule: { name: 'stages.drain.services', value: 'app', line: null } })
    expect(phase('quiet', busy({ drain: { wait_for: ['nope'] } }, [unit('x.service')])).stop?.reason).toContain('nope')
  })

  it('refuses services without root', () => {
    const x = busy({ drain: { services: ['app'] } }, [unit('app.service')], { rights: 'none' })
    expect(phase('quiet', x).stop?.reason).toContain('needs root')
  })

  const traffic = [{ command: { drain: 'd', undrain: 'u', state: 's' } }]
  it.each([
    ['in', 0, null],
    ['out', 0, 'was out before the run'],
    ['hello', 0, 'could not be read'],
    ['in', null, 'could not be read'],
  ])('H29: after the state reads %s (exit %s) it drains or leaves the host alone', (output, exitCode, reason) => {
    const results = new Map([['drain/traffic-1-state', stepResult('traffic-1-state', { output, exitCode })]])
    const plan = phase('traffic', busy({ drain: { traffic } }, [], { results }))
    if (reason === null) expect(plan.steps.map((step) => step.id)).toEqual(['traffic-1-drain', 'traffic-1-is-out'])
    else expect(plan).toMatchObject({ steps: [], stop: { reason: expect.stringContaining(reason) } })
  })

  it('H29: does not drain when the state was never read', () => {
    expect(phase('traffic', busy({ drain: { traffic } }, [])).stop?.reason).toContain('could not be read')
  })

  it('notes the drain on the disk of the host before traffic is taken away at another machine', () => {
    const remote = [{ command: { drain: 'd', undrain: 'u', on: 'lb-1' } }]
    const [first, second] = phase('traffic', busy({ drain: { traffic: remote } }, [])).steps
    expect(first).toMatchObject({ id: 'note-drain', place: 'host', changes: true, required: true })
    expect(second).toMatchObject({ id: 'traffic-1-drain', place: 'lb-1' })
  })

  it('waits for open connections on the ports of the services, then cuts them or holds', () => {
    const x = (then: 'cut' | 'hold') => {
      const input = busy({ drain: { services: ['web'], connections: { for: '30s', then } } }, [unit('web.service')])
      const ports = [
        { port: 443, controlGroup: '/system.slice/web.service' },
        { port: 80, controlGroup: '/system.slice/web.service/worker' },
        { port: 22, controlGroup: '/system.slice/ssh.service' },
      ]
      return { ...input, facts: input.facts.with(factsOf([servicePorts, ports])) }
    }
    const [step] = phase('connections', x('cut')).steps
    expect(step).toMatchObject({ do: 'wait', required: false, timeoutMs: 30_000 })
    expect(step?.do === 'wait' && step.until.text).toBe(
      `c=$(ss -Htn state established '( sport = :80 or sport = :443 )') && [ -z "$c" ]`,
    )
    expect(phase('connections', x('hold')).steps[0]?.required).toBe(true)
  })

  it('pauses only actors that are there and run, with the way back', () => {
    const units = [unit('apt-daily.timer'), unit('puppet.service', { active: 'inactive', enabled: 'disabled' })]
    const [step] = phase('services', busy({}, [...units, unit('salt-minion.service', { load: 'not-found' })])).steps
    expect(step).toMatchObject({ id: 'pause-actors', title: 'Pause apt-daily.timer', undo: { onDeadMan: true } })
  })

  it('brings an undo with every disruptive step', () => {
    const results = new Map([['drain/traffic-1-state', stepResult('traffic-1-state', { output: 'in' })]])
    const x = busy({ drain: { traffic, services: ['app'] } }, [unit('app.service')], { results })
    const disruptive = drain.phases.flatMap((one) => one.plan(x).steps).filter((step) => step.disruptive)
    expect(disruptive.map((step) => step.id)).toEqual(['traffic-1-drain', 'stop-1-app.service'])
    for (const step of disruptive)
      expect(step).toMatchObject({ changes: true, undo: { run: { text: expect.any(String) } } })
  })
})
