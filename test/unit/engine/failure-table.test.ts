import { afterEach, describe, expect, it } from 'vitest'
import type { EventBody } from '../../../src/journal/event'
import { modelStages, type StagesInput } from '../../fixtures/model/model-run'
import type { Fault } from '../../fixtures/model/model-world'
import { Scene } from '../../fixtures/model/scene'

const scenes: Scene[] = []
function scene(...given: ConstructorParameters<typeof Scene>): Scene {
  const made = new Scene(...given)
  scenes.push(made)
  return made
}
const one = (faults: readonly Fault[], stages = modelStages(), rollout = {}) =>
  scene({ hosts: ['web-1'], stages, rollout }, ...faults)
const rollback = { on_failure: 'rollback' } as const
const withApp = (reversible = true) =>
  modelStages({
    update: { packages: 'none', apps: [{ name: 'app', run: 'model deploy', rollback: 'model previous', reversible }] },
  })

// Whatever a test is about, no promise may be broken on the way.
afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

describe('a host where all goes well', () => {
  it('is live, updated, and its disk remembers nothing to undo', async () => {
    const s = one([])
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', admitted: true })
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 2 })
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', touched: false, drained: false })
    expect(s.host().disk.undos).toEqual([])
  })

  it('is not drained when nothing is pending', async () => {
    const s = one([])
    s.host().hasUpdate = false
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.steps().filter((step) => step.includes('traffic'))).toEqual([])
  })

  it('is drained when nothing is pending and the file says always', async () => {
    const s = one([], modelStages({ drain: { when: 'always' } }))
    s.host().hasUpdate = false
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.steps()).toContain('drain/traffic-1-drain')
  })
})

describe('when prepare or monitor fails', () => {
  it.each([
    ['the refresh of the package lists fails', 'prepare/packages.refresh'],
    ['the download fails', 'prepare/packages.download'],
    ['the baseline cannot be kept', 'monitor/keep-baseline'],
  ])('the host is untouched: %s', async (_, at) => {
    const s = one([{ at, kind: 'fail' }])
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'untouched', admitted: false })
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
  })

  it('the host is untouched: a required hook fails', async () => {
    const s = one(
      [{ at: 'prepare/before-1', kind: 'fail' }],
      modelStages({ prepare: { before: [{ run: 'model hook' }] } }),
    )
    expect((await s.run()).of().verdict).toBe('untouched')
  })

  it('the host is untouched when a declared check is broken before anything changed', async () => {
    const s = one([{ at: '?check', kind: 'fail' }])
    const end = (await s.run()).of()
    expect(end).toMatchObject({ verdict: 'untouched', rule: { name: 'stages.monitor.broken' } })
    expect(s.host().packageVersion).toBe(1)
  })

  it('the host is untouched when a declared check could not be asked', async () => {
    const s = one([{ at: '?check', kind: 'unknown' }])
    expect((await s.run()).of().verdict).toBe('untouched')
  })

  it('the host is untouched when what is pending cannot be read', async () => {
    const s = one([{ at: '?upgradable', kind: 'unknown' }])
    expect((await s.run()).of().verdict).toBe('untouched')
  })

  it('a host that a person took out is left alone', async () => {
    const s = one([])
    s.host().isIn = false
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'untouched', reason: 'was out before the run' })
    expect(s.host().isIn).toBe(false)
  })

  it('a host whose traffic cannot be read is left alone', async () => {
    const s = one([{ at: '?traffic-1-state', kind: 'unknown' }])
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched', admitted: false })
  })
})

describe('when drain fails', () => {
  it.each(['fail', 'half'] as const)('what was done is undone, and the host is untouched (%s)', async (kind) => {
    const s = one([{ at: 'drain/traffic-1-drain', kind }])
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'untouched', admitted: true })
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', drained: false, touched: false })
  })

  it('an undo is tried three times before the host is held', async () => {
    const twice = one([
      { at: 'drain/traffic-1-drain', kind: 'half' },
      { at: 'web-1 undo', kind: 'fail', times: 2 },
    ])
    expect((await twice.run()).of().verdict).toBe('untouched')
    const thrice = one([
      { at: 'drain/traffic-1-drain', kind: 'half' },
      { at: 'web-1 undo', kind: 'fail', times: 3 },
    ])
    expect((await thrice.run()).of()).toMatchObject({ verdict: 'held' })
    expect(thrice.host().disk.hostState?.phase).toBe('held')
  })

  it('an undo that fails where there is nothing to put back: all reads as before, so the host is untouched', async () => {
    const s = one([
      { at: 'drain/traffic-1-drain', kind: 'fail' },
      { at: 'web-1 undo', kind: 'fail', times: 3 },
    ])
    const end = (await s.run()).of()
    expect(end.verdict).toBe('untouched')
    expect(end.reason).toContain('an undo failed')
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', drained: false, touched: false })
    expect(s.host().disk.undos).toEqual([])
  })

  it('an undo that fails where the driver cannot say that users are back: held', async () => {
    const drivers = [{ command: { drain: 'model out', undrain: 'model in' } }]
    const s = one(
      [
        { at: 'drain/traffic-1-drain', kind: 'fail' },
        { at: 'web-1 undo', kind: 'fail', times: 3 },
      ],
      modelStages({ drain: { ...modelStages().drain, traffic: drivers } }),
    )
    expect((await s.run()).of().verdict).toBe('held')
  })

  it('an undo that fails and leaves a service stopped: held', async () => {
    const s = one(
      [
        { at: 'drain/stop-1', kind: 'half' },
        { at: 'web-1 undo', kind: 'fail', times: 3 },
      ],
      modelStages({ drain: { traffic: [], services: ['app'] } }),
    )
    expect((await s.run()).of().verdict).toBe('held')
  })

  it('the host is held when it does not read back as before', async () => {
    const s = one([
      { at: 'drain/traffic-1-drain', kind: 'half' },
      { at: /\?traffic-1-state$/, kind: 'unknown' },
    ])
    // The look before the run, and the one before the drain, are answered.
    s.world.clearFaults()
    s.world.inject({ at: 'drain/traffic-1-drain', kind: 'half' })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'step.ended' && body.step === 'undo-1')
          s.world.inject({ at: '?traffic-1-state', kind: 'unknown' })
      },
    })
    expect(seen.of()).toMatchObject({ verdict: 'held' })
  })

  it('newest first: a service is started again before traffic comes back', async () => {
    const s = one(
      [{ at: 'drain/stop-1', kind: 'half' }],
      modelStages({ drain: { ...modelStages().drain, services: ['app'] } }),
    )
    const seen = await s.run()
    expect(seen.of().verdict).toBe('untouched')
    expect(s.host()).toMatchObject({ isIn: true, service: { isActive: true, isHeld: false } })
  })
})

describe('when clean fails', () => {
  it('a best-effort step is a finding, and the update goes on', async () => {
    const s = one([{ at: 'clean/package-cache', kind: 'fail' }])
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(s.host().packageVersion).toBe(2)
    expect(seen.told('observed').some((e) => e.stage === 'clean' && e.what.kind === 'finding')).toBe(true)
  })

  it('a required hook leaves out the update and goes on to verify', async () => {
    const s = one([{ at: 'clean/after-1', kind: 'fail' }], modelStages({ clean: { after: [{ run: 'model hook' }] } }))
    const seen = await s.run()
    expect(s.host().packageVersion).toBe(1)
    expect(seen.of()).toMatchObject({ verdict: 'live' })
    expect(seen.of().reason).toContain('not updated')
  })
})

describe('when update or verify fails', () => {
  it.each([
    ['the upgrade fails', [{ at: 'update/packages.upgrade', kind: 'fail' }]],
    ['the upgrade fails half-way', [{ at: 'update/packages.upgrade', kind: 'half' }]],
    ['the machine loses its power in the upgrade', [{ at: 'update/packages.upgrade', kind: 'cut' }]],
  ] as const)('the host is held and its users stay away: %s', async (_, faults) => {
    const s = one(faults)
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host().isIn).toBe(false)
    expect(s.host().disk.hostState).toMatchObject({ touched: true })
  })

  it('the host is held when the new version is sick', async () => {
    const s = one([])
    s.host().sickBy.add('package')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.told('gate').map((g) => g.open)).toEqual([false])
    expect(s.host().isIn).toBe(false)
  })

  it('a shut gate is a verify stage that failed, with the reason of the gate; its hooks for success do not run', async () => {
    const verify = { after: [{ run: 'model hook' }], before: [{ run: 'model hook' }] }
    const s = one([], modelStages({ verify }))
    s.host().sickBy.add('package')
    const seen = await s.run()
    const [gate] = seen.told('gate')
    expect(seen.told('stage.ended').find((e) => e.stage === 'verify')).toMatchObject({
      outcome: 'failed',
      reason: gate?.reason,
    })
    expect(seen.steps()).toContain('verify/before-1')
    expect(seen.steps()).not.toContain('verify/after-1')
  })

  it('the host is held when a check cannot be asked', async () => {
    const s = one([])
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'stage.begun' && body.stage === 'verify')
          s.world.inject({ at: '?check', kind: 'unknown', times: 1_000 })
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(s.host().isIn).toBe(false)
  })

  it.each(['?boot-id', '?units', '?package-consistency', '?failed-units', 'login'])(
    'the host is held when a built-in check cannot be answered: %s',
    async (at) => {
      const s = one([])
      const seen = await s.run({
        onEvent: (_, { body }) => {
          if (body.type === 'stage.begun' && body.stage === 'verify')
            s.world.inject({ at, kind: 'unknown', times: 1_000 })
        },
      })
      expect(seen.of().verdict).toBe('held')
      expect(s.host().isIn).toBe(false)
    },
  )

  it.each(['for the rounds to find', 'in the last of them'])(
    'H36: a balancer that forgets the drain in verify, %s: users are taken away again',
    async (when) => {
      const s = one([], modelStages({ verify: { retry: { for: '3m', every: '2s', passes: 2 } } }))
      s.host().sickBy.add('package')
      const seen = await s.run({
        onEvent: (_, { body }) => {
          if (body.type === 'round' && body.number === 1 && when.startsWith('for')) s.host().isIn = true
          if (body.type === 'gate' && when.startsWith('in')) s.host().isIn = true
        },
      })
      expect(seen.of().verdict).toBe('held')
      expect(seen.told('warning').map((e) => e.sentence)).toContainEqual(expect.stringContaining('drained again'))
      expect(s.host().isIn).toBe(false)
    },
  )

  it('one bad look in between costs a round, not the host', async () => {
    const s = one([])
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'round' && body.stage === 'verify' && body.number === 2)
          s.world.inject({ at: '?check', kind: 'fail' })
      },
    })
    expect(seen.of().verdict).toBe('live')
  })

  it('a sick version is rolled back where the file says so and prepare kept the old one', async () => {
    const s = one([], modelStages(), rollback)
    s.host().sickBy.add('package')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('rolled-back')
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', touched: false, drained: false })
  })

  it('a sick application is rolled back by its own command', async () => {
    const s = one([], withApp(), rollback)
    s.host().sickBy.add('app')
    expect((await s.run()).of().verdict).toBe('rolled-back')
    expect(s.host()).toMatchObject({ isIn: true, appVersion: 1 })
  })

  it('an application that is not reversible turns rollback into hold', async () => {
    const s = one([], withApp(false), rollback)
    s.host().sickBy.add('app')
    const end = (await s.run()).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toContain('reversible: false')
    expect(s.host().isIn).toBe(false)
  })

  it('what prepare could not keep is not rolled back', async () => {
    const s = one([{ at: 'prepare/packages.keep', kind: 'fail' }], modelStages(), rollback)
    s.host().sickBy.add('package')
    const end = (await s.run()).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toContain('could not keep')
  })

  it('a host that is sick on the old version too is held after the rollback', async () => {
    const s = one([], modelStages(), rollback)
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'stage.begun' && body.stage === 'update') s.host().sickBy.add('always')
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(s.host()).toMatchObject({ isIn: false, packageVersion: 1 })
  })

  it('a deployment that was cut is unknown, and is neither repeated nor rolled back', async () => {
    const s = one([{ at: 'update/app.app', kind: 'cut-after' }], withApp(), rollback)
    const end = (await s.run()).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toContain('cut in the middle')
  })
})

describe('when a package step is over its time', () => {
  it('it is never killed: the host is held "still running", with its pid', async () => {
    const s = one([{ at: 'update/packages.upgrade', kind: 'overtime' }])
    const end = (await s.run()).of()
    expect(end).toMatchObject({ verdict: 'held' })
    expect(end.reason).toContain('still running, pid 4242')
    expect(s.host().program).not.toBeNull()
    await s.later(4 * 3_600_000)
    expect(s.host().packageVersion).toBe(2)
  })

  it('a run that comes meanwhile does not touch the host', async () => {
    const s = one([{ at: 'update/packages.upgrade', kind: 'overtime' }])
    await s.run()
    expect((await s.run()).of()).toMatchObject({ verdict: 'held', rule: { name: 'lease' } })
  })

  it('once it has ended the next run verifies the host and lets it live', async () => {
    const s = one([{ at: 'update/packages.upgrade', kind: 'overtime' }])
    await s.run()
    await s.later(4 * 3_600_000)
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host().isIn).toBe(true)
  })

  it('any other step is ended by its host, and fails', async () => {
    const s = one([{ at: 'update/app.app', kind: 'overtime' }], withApp())
    expect((await s.run()).of()).toMatchObject({ verdict: 'held' })
    expect(s.host().program).toBeNull()
  })
})

describe('when golive fails', () => {
  const pair = (faults: readonly Fault[] = []) =>
    scene({ hosts: ['web-1', 'web-2'], stages: modelStages(), rollout: { canary: 0, max_failures: 9 } }, ...faults)

  it('a host that is sick under traffic is drained again and held, without a rollback', async () => {
    const s = one([], modelStages(), rollback)
    s.host().sickBy.add('users')
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'admitted') s.host().sickBy.add('users')
      },
    })
    expect(seen.of().verdict).toBe('untouched')
    const late = one([], modelStages(), rollback)
    const end = await late.run({
      onEvent: (_, { body }) => {
        if (body.type === 'admitted') late.host().sickBy.add('users')
      },
    })
    expect(end.of()).toMatchObject({ verdict: 'held', closesRun: true })
    expect(end.of().reason).toContain('drained again')
    expect(late.host()).toMatchObject({ isIn: false, packageVersion: 2 })
  })

  it('nothing further is admitted, and who is live stays live', async () => {
    const s = scene({ hosts: ['web-1', 'web-2', 'web-3'], rollout: { canary: 0, max_failures: 9 } })
    const seen = await s.run({
      onEvent: (_, { body, host }) => {
        if (body.type === 'admitted' && host === 'web-2') s.host('web-2').sickBy.add('users')
      },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'held', 'web-3': 'untouched' })
    expect(seen.of('web-3').reason).toContain('go-live of web-2 failed')
    expect(s.host('web-1').isIn).toBe(true)
  })

  it('a drain that was cut, too, is tried again: users do not stay on a host that failed them', async () => {
    const s = pair([
      { at: 'web-1 golive/traffic-1-undrain', kind: 'cut-after' },
      { at: 'web-1 golive/traffic-1-drain', kind: 'cut' },
    ])
    const seen = await s.run()
    expect(seen.of('web-1').verdict).toBe('held')
    expect(seen.of('web-1').reason).toMatch(/; drained again$/)
    expect(s.host('web-1').isIn).toBe(false)
  })

  it('a failing undrain command drains again', async () => {
    const s = pair([{ at: 'web-1 golive/traffic-1-undrain', kind: 'half' }])
    const seen = await s.run()
    expect(seen.of('web-1').verdict).toBe('held')
    expect(s.host('web-1').isIn).toBe(false)
  })

  it('an after hook that fails is a warning, nothing else', async () => {
    const s = one([{ at: 'golive/after-1', kind: 'fail' }], modelStages({ golive: { after: [{ run: 'model hook' }] } }))
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.told('warning')).toHaveLength(1)
  })
})

describe('when the connection is lost', () => {
  it('a short break does not interrupt a step: the run attaches again', async () => {
    const s = one([{ at: 'update/packages.upgrade', kind: 'part' }])
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.told('connected').some((e) => e.reconnect)).toBe(true)
    expect(seen.steps().filter((step) => step === 'update/packages.upgrade')).toHaveLength(1)
  })

  it('before admission the host is unreachable and does not count as out', async () => {
    const s = one([{ at: 'prepare/packages.download', kind: 'lost' }])
    expect((await s.run()).of()).toMatchObject({ verdict: 'unreachable', admitted: false })
  })

  it('after admission it is unreachable, counts as out, and stops its group', async () => {
    const s = scene({ hosts: ['web-1', 'web-2'] }, { at: 'web-1 update/packages.upgrade', kind: 'lost' })
    const seen = await s.run()
    expect(seen.of('web-1')).toMatchObject({ verdict: 'unreachable', admitted: true })
    expect(seen.of('web-2').verdict).toBe('untouched')
    expect(s.host('web-1').packageVersion).toBe(2)
  })

  it('the step goes on by itself, and the next run finds out and lets the host live', async () => {
    const s = one([{ at: 'update/packages.upgrade', kind: 'lost' }])
    await s.run()
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('a host that does not answer at all is unreachable before admission', async () => {
    const s = one([])
    s.host().partFor(3_600_000)
    expect((await s.run()).of()).toMatchObject({ verdict: 'unreachable', admitted: false })
  })
})

describe('when a helper cannot be had', () => {
  const hook = { run: 'model hook', on: 'lb-9' }
  const driver = (on: string) => ({ command: { drain: 'model out', undrain: 'model in', state: 'model state', on } })
  function inOtherHands(stages: StagesInput): Scene {
    const s = one([], modelStages(stages))
    s.world.add('lb-9', 'helpers').stealLease()
    return s
  }

  it.each(['before', 'after'] as const)('for a hook %s drain: the host is put back, and untouched', async (when) => {
    const s = inOtherHands({ drain: { [when]: [hook] } })
    const end = (await s.run()).of()
    expect(end).toMatchObject({ verdict: 'untouched', admitted: true })
    expect(end.reason).toContain('lb-9 is leased')
    expect(s.host().isIn).toBe(true)
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', drained: false })
  })

  it('for a driver: what the drivers before it did is undone', async () => {
    const stateless = { command: { drain: 'model out', undrain: 'model in', on: 'lb-9' } }
    const s = inOtherHands({ drain: { traffic: [driver('host'), stateless] } })
    const end = (await s.run()).of()
    // Nobody can say what its users meet at a driver that says nothing.
    expect(end).toMatchObject({ verdict: 'held' })
    expect(end.reason).toContain('could not be undone: at lb-9: lb-9 is leased')
    expect(s.host().isIn).toBe(true)
  })

  it.each([
    ['is lost', 'lost'],
    ['is taken by another run', 'stolen'],
  ])(
    'that %s in the middle of drain: what the host itself did is undone, the rest by the next run',
    async (_, what) => {
      const faults = what === 'lost' ? [{ at: 'lb-9 drain/traffic-2-drain', kind: 'lost' } as const] : []
      const s = one(faults, modelStages({ drain: { traffic: [driver('host'), driver('lb-9')] } }))
      const lb = s.world.add('lb-9', 'helpers')
      const seen = await s.run({
        onEvent: (_n, { body }) => {
          if (what === 'stolen' && body.type === 'step.ended' && body.step === 'traffic-1-drain') lb.stealLease()
        },
      })
      expect(seen.of()).toMatchObject({ verdict: 'held', admitted: true })
      expect(seen.of().reason).toMatch(/connection to lb-9 is lost|another run took the lease of lb-9/)
      expect(seen.steps()).toContain('drain/undo-1')
      expect(s.host().disk.undos).toEqual([])
      expect(s.host().disk.hostState).toMatchObject({ phase: 'drain', drained: true, touched: false })
      await s.later()
      const next = await s.run()
      expect(next.told('settled')).toHaveLength(1)
      expect(next.of()).toMatchObject({ verdict: 'live', reason: 'verified' })
      expect(lb.disk.undos).toEqual([])
    },
  )

  it('that is lost in the middle of a hook of clean: as one that failed', async () => {
    const s = one([{ at: 'lb-9 clean/after-1', kind: 'lost' }], modelStages({ clean: { after: [hook] } }))
    s.world.add('lb-9', 'helpers')
    const end = (await s.run()).of()
    expect(end.verdict).toBe('live')
    expect(end.reason).toContain('not updated')
  })

  it('that is lost in the middle of a hook that is best effort: a finding, and the maintenance goes on', async () => {
    const lenient = modelStages({ clean: { after: [{ ...hook, required: false }] } })
    const s = one([{ at: 'lb-9 clean/after-1', kind: 'lost' }], lenient)
    s.world.add('lb-9', 'helpers')
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'verified' })
  })

  it('that is lost in the middle of an undrain: drained again where that is possible, and held', async () => {
    const s = one(
      [{ at: 'lb-9 golive/traffic-1-undrain', kind: 'lost' }],
      modelStages({ drain: { traffic: [driver('lb-9'), driver('host')] } }),
    )
    s.world.add('lb-9', 'helpers')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held', closesRun: true })
    expect(seen.of().reason).toMatch(/connection to lb-9 is lost.*NOT drained again at lb-9/)
    expect(seen.steps()).toContain('golive/traffic-2-drain')
    expect(s.host().disk.hostState).toMatchObject({ phase: 'held' })
  })

  it('for the state of a driver: the host is untouched, with who holds the helper and the line of the file', async () => {
    const s = inOtherHands({ drain: { traffic: [driver('lb-9')] } })
    expect((await s.run()).of()).toMatchObject({
      verdict: 'untouched',
      admitted: false,
      reason: 'lb-9 is leased',
      rule: { name: 'stages.drain.traffic', value: 'lb-9' },
    })
  })

  it('for a required hook of clean: no update, and verify decides', async () => {
    const s = inOtherHands({ clean: { after: [hook] } })
    const end = (await s.run()).of()
    expect(end.verdict).toBe('live')
    expect(end.reason).toContain('not updated')
    expect(s.host().packageVersion).toBe(1)
  })

  it('for a hook that is best effort: a finding, and the maintenance goes on', async () => {
    const s = inOtherHands({ clean: { after: [{ ...hook, required: false }] } })
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'verified' })
    expect(seen.told('observed').map((e) => e.what)).toContainEqual(
      expect.objectContaining({ kind: 'finding', what: expect.stringContaining('lb-9 is leased') }),
    )
  })

  it('for a hook of update: held or rolled back, as the file says', async () => {
    const held = inOtherHands({ update: { after: [hook] } })
    expect((await held.run()).of().verdict).toBe('held')
    expect(held.host().disk.hostState?.phase).toBe('held')
    const back = one([], modelStages({ update: { after: [hook] } }), rollback)
    back.world.add('lb-9', 'helpers').stealLease()
    expect((await back.run()).of().verdict).toBe('rolled-back')
  })

  it('for a hook after golive: a warning, nothing else', async () => {
    const s = inOtherHands({ golive: { after: [hook] } })
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.told('warning').map((e) => e.sentence)).toEqual([expect.stringContaining('lb-9 is leased')])
  })

  it('of a held host: not verified; where its undrain fails, users whom another driver let back are taken away again', async () => {
    const s = one([], modelStages({ drain: { traffic: [driver('lb-9'), driver('host')] } }))
    s.world.add('lb-9', 'helpers')
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    s.host().sickBy.clear()
    s.host('lb-9').stealLease()
    const leased = await s.run()
    expect(leased.of().verdict).toBe('held')
    expect(leased.of().reason).toMatch(/not verified, .*NOT drained again at lb-9: .*lb-9 is leased/)
    await s.later()
    const failing = ['traffic-1-undrain', 'traffic-1-drain']
    s.world.inject(...failing.map((step) => ({ at: `lb-9 golive/${step}`, kind: 'fail', times: 9 }) as const))
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held', closesRun: true })
    expect(seen.of().reason).toMatch(/NOT drained again at lb-9/)
    expect(seen.steps()).toContain('golive/traffic-2-undrain')
    expect(s.host().isIn).toBe(false)
  })
})

describe('when the disk of the host is full', () => {
  it('before admission the host is untouched', async () => {
    const s = one([{ at: 'prepare/program', kind: 'full' }])
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched' })
  })

  it('a drain that cannot be noted is not begun, and nothing is to be taken back', async () => {
    const s = one([{ at: 'drain/program', kind: 'full', times: 9 }])
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched' })
    expect(s.host().isIn).toBe(true)
  })

  it('a drain that cannot be noted at first is not begun', async () => {
    const s = one([{ at: 'drain/program', kind: 'full' }])
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched' })
    expect(s.host().isIn).toBe(true)
  })
})

describe('when a host reboots', () => {
  const rebooting = (more: object = {}) =>
    modelStages({ update: { packages: 'none', reboot: 'if-required', reboot_stable: '60s', ...more } })

  it('a reboot that is required is made once, proved by a new boot', async () => {
    const s = one([], rebooting())
    s.host().rebootFlag = 'yes'
    const before = s.host().bootId
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.told('reboot.done')).toEqual([
      expect.objectContaining({ bootIdBefore: before, bootIdAfter: s.host().bootId }),
    ])
  })

  it.each(['no', 'unknown'] as const)(
    'a need that was %s when nobody was taken away is no leave to reboot in view of users',
    async (before) => {
      const s = one([], rebooting())
      s.host().rebootFlag = before
      const seen = await s.run({
        onEvent: (_, { body }) => {
          if (body.type === 'stage.begun' && body.stage === 'clean') s.host().rebootFlag = 'yes'
        },
      })
      expect(seen.of().verdict).toBe('live')
      expect(seen.told('reboot.ordered')).toEqual([])
      expect(seen.told('observed').map((e) => e.what)).toContainEqual(
        expect.objectContaining({ kind: 'finding', advice: expect.stringContaining('its users were not taken away') }),
      )
    },
  )

  it('an order that a full disk does not take was not given: the host is there, and held', async () => {
    const s = one([{ at: 'update/program', kind: 'full' }], rebooting())
    s.host().rebootFlag = 'yes'
    const before = s.host().bootId
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held' })
    expect(seen.of().reason).toContain('does not take the order to reboot')
    expect(s.host().bootId).toBe(before)
  })

  it('case 15: an order that the host refuses is told at once, in its words, and its users come back', async () => {
    const s = one([{ at: 'update/reboot-order', kind: 'fail' }], rebooting({ reboot_timeout: '15m' }))
    s.host().rebootFlag = 'yes'
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.of().reason).toContain('not rebooted: the host refused to reboot: exit code 1')
    expect(seen.told('reboot.done')).toEqual([])
    expect(s.host().isIn).toBe(true)
  })

  it('an unknown need to reboot never reboots, and is a finding', async () => {
    const s = one([], rebooting())
    s.host().rebootFlag = 'unknown'
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    expect(seen.told('reboot.ordered')).toEqual([])
    expect(
      seen
        .told('observed')
        .some((e) => e.what.kind === 'finding' && e.what.what.includes('reboot is required is unknown')),
    ).toBe(true)
  })

  it.each([
    ['?boot-id', (body: EventBody) => body.type === 'step.begun' && body.step === 'reboot'],
    // The login is tried beside the step before.
    ['login', (body: EventBody) => body.type === 'stage.begun' && body.stage === 'update'],
  ] as const)('a reboot that could not be proved is not ordered: %s', async (at, isTime) => {
    const s = one([], rebooting())
    s.host().rebootFlag = 'yes'
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (isTime(body)) s.world.inject({ at, kind: 'unknown', times: 3 })
      },
    })
    expect(seen.told('reboot.ordered')).toEqual([])
    expect(seen.of().verdict).toBe('held')
  })

  it('a host that never comes back is unreachable', async () => {
    const s = one([{ at: 'web-1 reboot', kind: 'lost' }], rebooting())
    s.host().rebootFlag = 'yes'
    expect((await s.run()).of()).toMatchObject({ verdict: 'unreachable', admitted: true })
  })

  it('a host that comes back late is found and verified by the next run', async () => {
    const s = one([{ at: 'web-1 reboot', kind: 'slow' }], rebooting())
    s.host().rebootFlag = 'yes'
    expect((await s.run()).of().verdict).toBe('unreachable')
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('a reboot that did not happen is no success', async () => {
    const s = one([{ at: 'web-1 reboot', kind: 'fail' }], rebooting({ reboot_timeout: '1m' }))
    s.host().rebootFlag = 'yes'
    expect((await s.run()).of().verdict).not.toBe('live')
    expect(s.host().isIn).toBe(false)
  })
})
