import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelFile, modelStages } from '../../fixtures/model/model-run'
import type { Scene } from '../../fixtures/model/scene'

const scene = checkedScenes()

/** A run whose runner dies when the step is begun, and a second run once the lease is over. */
async function afterDeathAt(s: Scene, step: string, waitMs?: number) {
  const dead = await s.run({
    onEvent: (_, { body }, strike) => {
      if (body.type === 'step.begun' && `${body.stage}/${body.step}` === step) strike.kill()
    },
  })
  expect(dead.isDead).toBe(true)
  await s.later(waitMs)
}

describe('what an earlier run left', () => {
  it('nothing: the host is maintained', async () => {
    const s = scene({ hosts: ['web-1'] })
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'verified' })
  })

  it('drained and untouched: the drain is undone before anything new begins', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().disk.setState({ drained: true, phase: 'drain', run: 'earlier' })
    s.host().isIn = false
    s.host().disk.undos = [{ name: '000001-0000-drain-3-0.sh', text: 'model in', isForDeadMan: true }]
    const seen = await s.run()
    expect(seen.told('settled')).toHaveLength(1)
    expect(seen.of().verdict).toBe('live')
  })

  it('drained, and the undo fails: held', async () => {
    const s = scene({ hosts: ['web-1'] }, { at: 'web-1 undo', kind: 'fail', times: 9 })
    s.host().disk.setState({ drained: true, phase: 'drain', run: 'earlier' })
    s.host().isIn = false
    s.host().disk.undos = [{ name: '000001-0000-drain-3-0.sh', text: 'model in', isForDeadMan: true }]
    expect((await s.run()).of()).toMatchObject({ verdict: 'held', admitted: false })
  })

  it.each([
    ['what is held on the host after the undo', { at: '?host-leftovers', kind: 'unknown', times: 9 } as const],
    ['what the earlier run noted of it', null],
  ])('drained, and unknown %s: held', async (_, fault) => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'drain/traffic-1-is-out', 60_000)
    // A host whose dead man did not come to it.
    s.host().disk.armed = null
    await s.later()
    if (fault === null) s.host().areNotesTorn = true
    else s.world.inject(fault)
    const end = (await s.run()).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toMatch(/is unknown|could not be read/)
  })

  it('drained, without an undo that brings it back: held, as it does not read in', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().disk.setState({ drained: true, phase: 'drain', run: 'earlier' })
    s.host().isIn = false
    const end = (await s.run()).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toContain('traffic reads out')
  })

  it('touched by a run that noted nothing: verified again, live through the gate, and that is said', async () => {
    const s = scene({ hosts: ['web-1'] })
    await s.run()
    s.host().packageVersion = 1
    s.host().disk.setState({ touched: true, drained: true, phase: 'update', run: 'earlier' })
    s.host().isIn = false
    const seen = await s.run()
    expect(seen.of()).toMatchObject({
      verdict: 'live',
      reason: 'recovered; what run earlier left undone is not known: it noted nothing',
      admitted: false,
    })
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
  })

  it('touched and sick: held, its users stay away', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().disk.setState({ touched: true, drained: true, phase: 'update', run: 'earlier' })
    s.host().isIn = false
    s.host().sickBy.add('always')
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host().isIn).toBe(false)
  })

  it('held: the same, whatever it was held for', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    expect((await s.run()).of().reason).toContain('still shut')
    s.host().sickBy.clear()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('H27: no new baseline is taken while a host is touched', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().sickBy.add('package')
    await s.run()
    const { baseline } = s.host().disk
    expect(baseline).not.toBeNull()
    await s.run()
    expect(s.host().disk.baseline).toBe(baseline)
  })

  it.each(['phase=nonsense\n', 'v=2\n', 'v=1\nrun=x\ntok'])(
    'a state that cannot be read: held, and nothing is done (%j)',
    async (text) => {
      const s = scene({ hosts: ['web-1'] })
      s.host().disk.state = text
      const seen = await s.run()
      expect(seen.of()).toMatchObject({ verdict: 'held', admitted: false })
      expect(seen.of().reason).toContain('node dist/cli.js release web-1 --reason TEXT')
      expect(seen.steps()).toEqual([])
      expect(s.host().packageVersion).toBe(1)
    },
  )

  it.each([
    ['its baseline is still there', (s: Scene) => s.run()],
    [
      'an undo is still there',
      async (s: Scene) => {
        s.host().disk.undos = [{ name: '000001-0000-drain-3-0.sh', text: 'model in', isForDeadMan: true }]
      },
    ],
  ])('a state that is gone, though %s: held, and nothing is done', async (_, before) => {
    const s = scene({ hosts: ['web-1'] })
    await before(s)
    s.host().disk.state = ''
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held', admitted: false })
    expect(seen.of().reason).toContain('torn, forged, gone, or of another version')
    expect(seen.steps()).toEqual([])
  })

  it.each([
    ['nothing else is known of', {}],
    ['was drained', { drained: true, phase: 'drain', run: 'earlier' } as const],
    ['was touched', { touched: true, drained: true, phase: 'update', run: 'earlier' } as const],
  ])(
    'H28: a lease renewed later than now, of a host that %s: held, nothing is done, and time heals it not',
    async (_, state) => {
      const s = scene({ hosts: ['web-1', 'web-2'] })
      const { disk, bootId, upMs } = s.host()
      disk.setState(state)
      disk.lease = { token: 7, owner: 'forger', run: 'run-0', bootId, upMs: upMs + 30 * 86_400_000 }
      for (const waitMs of [0, 2 * 3_600_000]) {
        await s.later(waitMs)
        const seen = await s.run()
        expect(seen.of()).toMatchObject({ verdict: 'held', admitted: false, rule: { name: 'lease', value: 'forged' } })
        expect(seen.of().reason).toContain('node dist/cli.js release')
        expect(seen.steps()).toEqual([])
        // It may be out, so it uses the budget of its group.
        expect(seen.of('web-2')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_failures' } })
      }
    },
  )

  it.each([null, '', '{"boot-id"', 'null'])(
    'touched, and its baseline cannot be read: held, as nothing can be compared (%j)',
    async (baseline) => {
      const s = scene({ hosts: ['web-1'] })
      s.host().disk.setState({ touched: true, drained: true, phase: 'update', run: 'earlier' })
      s.host().isIn = false
      s.host().disk.baseline = baseline
      const end = (await s.run()).of()
      expect(end.verdict).toBe('held')
      expect(end.reason).toContain('baseline.json) cannot be read')
      expect(s.host().isIn).toBe(false)
    },
  )

  it('a record that is torn says nothing of the step that was at work: verified, not repeated', async () => {
    const s = scene({ hosts: ['web-1'] }, { at: 'update/packages.upgrade', kind: 'cut-after' })
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && body.step === 'packages.upgrade') strike.kill()
      },
    })
    await s.later()
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.steps()).not.toContain('update/packages.upgrade')
  })

  it('already done in this window: untouched, with the rule', async () => {
    const s = scene({ hosts: ['web-1'] })
    await s.run({ ledgerKey: 'file@opening' })
    expect((await s.run({ ledgerKey: 'file@opening' })).of()).toMatchObject({
      verdict: 'untouched',
      rule: { name: 'already-done', value: 'live' },
    })
    expect((await s.run({ ledgerKey: 'file@next' })).of().verdict).toBe('live')
  })
})

describe('when the runner is gone', () => {
  it('in prepare: the next run maintains the host as if nothing had been', async () => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'prepare/packages.download')
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'verified' })
  })

  it('in drain: the host undoes it by itself once the lease is over', async () => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'drain/traffic-1-is-out')
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
    expect(s.host().disk.hostState).toMatchObject({ drained: false, touched: false })
  })

  it('in drain: a run that comes before the host acts undoes it', async () => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'drain/traffic-1-is-out', 60_000)
    s.host().disk.lease = null
    const seen = await s.run()
    expect(seen.told('settled')).toHaveLength(1)
    expect(seen.of().verdict).toBe('live')
  })

  it.each(['clean/package-cache', 'update/packages.upgrade', 'golive/traffic-1-undrain'])(
    'in %s: the program goes on, the dead man leaves the host alone, the next run does the rest',
    async (step) => {
      const s = scene({ hosts: ['web-1'] })
      await afterDeathAt(s, step)
      expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered', admitted: false })
      expect(s.host()).toMatchObject({ isIn: true, packageVersion: 2 })
    },
  )

  it('in the upgrade, and the new version is sick: held by the next run', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().sickBy.add('package')
    await afterDeathAt(s, 'update/packages.upgrade')
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host().isIn).toBe(false)
  })

  it('a run that comes while the lease still holds leaves the host alone', async () => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'prepare/packages.download', 60_000)
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched', rule: { name: 'lease', value: 'run-1' } })
  })

  it('the undo at a helper is run by the next run, and only for its own host', async () => {
    const s = scene({ hosts: ['web-1', 'web-2'], stages: modelStages({}, 'lb-1') })
    const lb = s.world.add('lb-1', 'helpers')
    await afterDeathAt(s, 'drain/traffic-1-is-out')
    expect(s.host('web-1').isIn).toBe(false)
    lb.disk.undos.push({
      name: '000001-0007-web-10-drain-5-0.sh',
      text: 'export PITSTOP_HOST=web-2\nmodel in',
      isForDeadMan: false,
    })
    const seen = await s.run({ selected: ['web-1'] })
    expect(seen.told('settled', 'web-1')).toHaveLength(1)
    expect(seen.of('web-1').verdict).toBe('live')
    expect(lb.disk.undos.map((u) => u.name)).toEqual(['000001-0007-web-10-drain-5-0.sh'])
  })
})

describe('post, after main was cut', () => {
  const post = { adopt: true, mode: 'recover' } as const

  it('undoes the drain of an untouched host on the lease of main', async () => {
    const s = scene({
      hosts: ['web-1'],
      stages: modelStages({ update: { packages: 'none', apps: [{ name: 'app', run: 'model deploy' }] } }),
    })
    await afterDeathAt(s, 'drain/traffic-1-is-out', 1_000)
    const seen = await s.run({ id: 'run-1', ...post })
    expect(seen.of().verdict).toBe('untouched')
    expect(s.host().isIn).toBe(true)
    expect(s.host().disk.hostState).toMatchObject({ drained: false, phase: 'idle' })
  })

  it('leaves a touched host to the next run, and says so', async () => {
    const s = scene({ hosts: ['web-1'] })
    await afterDeathAt(s, 'clean/package-cache', 1_000)
    const end = (await s.run({ id: 'run-1', ...post })).of()
    expect(end.verdict).toBe('held')
    expect(end.reason).toContain('the next run')
    expect(s.host().isIn).toBe(false)
  })
})

describe('when the run is cancelled', () => {
  const cancelAt = (s: Scene, step: string) =>
    s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && `${body.stage}/${body.step}` === step) strike.cancel()
      },
    })

  it.each(['prepare/packages.refresh', 'monitor/keep-baseline'])('in %s the host is untouched', async (step) => {
    const s = scene({ hosts: ['web-1'] })
    const end = (await cancelAt(s, step)).of()
    expect(end.verdict).toBe('untouched')
    expect(end.reason).toContain('cancelled')
    expect(s.host().isIn).toBe(true)
  })

  it('in drain the host is held until post or the host itself undoes it', async () => {
    const s = scene({ hosts: ['web-1'] })
    expect((await cancelAt(s, 'drain/traffic-1-is-out')).of()).toMatchObject({
      verdict: 'held',
      reason: 'cancelled in drain',
    })
    await s.later()
    expect(s.host().isIn).toBe(true)
  })

  it.each([
    ['clean', 'clean/package-cache'],
    ['update', 'update/packages.upgrade'],
    ['golive', 'golive/traffic-1-undrain'],
  ])('in %s the host is held, its program goes on', async (stage, step) => {
    const s = scene({ hosts: ['web-1'] })
    expect((await cancelAt(s, step)).of()).toMatchObject({ verdict: 'held', reason: `cancelled in ${stage}` })
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('hosts that were not admitted are untouched', async () => {
    const s = scene({ hosts: ['web-1', 'web-2'] })
    const seen = await cancelAt(s, 'update/packages.upgrade')
    expect(seen.of('web-2')).toMatchObject({ verdict: 'untouched', admitted: false })
  })
})

describe('when the lease is lost', () => {
  it('nothing more is begun on the host', async () => {
    const s = scene({ hosts: ['web-1'] })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'stage.begun' && body.stage === 'update') s.host().stealLease()
      },
    })
    expect(seen.of()).toMatchObject({ verdict: 'held' })
    expect(seen.of().reason).toContain('another run took the lease')
    expect(s.host().packageVersion).toBe(1)
  })

  it('before the drain the host stays in service', async () => {
    const s = scene({ hosts: ['web-1'] })
    await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'stage.begun' && body.stage === 'drain') s.host().stealLease()
      },
    })
    expect(s.host()).toMatchObject({ isIn: true, packageVersion: 1 })
  })

  it('a runner that could not renew for five minutes begins nothing', async () => {
    const s = scene({ hosts: ['web-1'] })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'stage.begun' && body.stage === 'update') s.world.clock.leap(301_000)
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toContain('could not be renewed')
    expect(s.host().packageVersion).toBe(1)
  })

  it('a host that another run works on is untouched, with the run as the rule', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().stealLease()
    expect((await s.run()).of()).toMatchObject({ verdict: 'untouched', rule: { name: 'lease', value: 'another' } })
  })
})

describe('isolation', () => {
  const noState = modelStages({
    drain: { traffic: [{ command: { drain: 'model out', undrain: 'model in' } }], services: ['app'] },
  })

  it('stopped: a shut gate stops the drained services again', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({ drain: { traffic: [], services: ['app'] } }) })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host().service).toMatchObject({ isActive: false, isHeld: true })
  })

  it('stopped, and one of its services is gone since: the others are stopped again, and that is told', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({ drain: { traffic: [], services: ['app'] } }) })
    s.host().sickBy.add('package')
    await s.run()
    const file = modelFile({
      hosts: ['web-1'],
      stages: modelStages({ drain: { traffic: [], services: ['gone', 'app'] } }),
    })
    const seen = await s.run({ file })
    expect(seen.of().reason).toMatch(/could not be stopped again: the declared service gone does not exist/)
    expect(s.host().service).toMatchObject({ isActive: false, isHeld: true })
  })

  it('stopped, and the units cannot be read: that its services go on is told', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({ drain: { traffic: [], services: ['app'] } }) })
    s.host().sickBy.add('package')
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'gate') s.world.inject({ at: '?service-units', kind: 'unknown' })
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(/its services could not be stopped again: the units of web-1 could not be read/)
  })

  it('exposed: a held host is flagged and keeps serving', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({ drain: { traffic: [] } }) })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host()).toMatchObject({ isIn: true, service: { isActive: true } })
  })

  it('a driver that cannot state out isolates nobody: the services are stopped again', async () => {
    const s = scene({ hosts: ['web-1'], stages: noState })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    expect(s.host().service.isActive).toBe(false)
  })

  it('isolated: services run for verify behind the drain', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({ drain: { ...modelStages().drain, services: ['app'] } }) })
    const seen = await s.run()
    expect(seen.of().verdict).toBe('live')
    const steps = seen.steps()
    expect(steps.indexOf('verify/start-1-app.service')).toBeGreaterThan(steps.indexOf('update/packages.upgrade'))
    expect(steps.indexOf('golive/traffic-1-undrain')).toBeGreaterThan(steps.indexOf('verify/start-1-app.service'))
  })

  it('H36: traffic that comes back during an upgrade is drained again at the next look, not at the end of the upgrade', async () => {
    const s = scene({ hosts: ['web-1'] }, { at: 'update/packages.upgrade', kind: 'slow' })
    let backMs = 0
    const seen = await s.run({
      onEvent: (_, { body, atMs }) => {
        if (body.type !== 'step.begun' || body.step !== 'packages.upgrade') return
        s.host().isIn = true
        backMs = atMs
      },
    })
    const again = seen.events.findIndex((e) => e.body.type === 'step.ended' && e.body.step.endsWith('-drain-again-0'))
    const upgraded = seen.events.findIndex((e) => e.body.type === 'step.ended' && e.body.step === 'packages.upgrade')
    expect(again).toBeGreaterThan(0)
    expect(again).toBeLessThan(upgraded)
    expect((seen.events[again]?.atMs ?? 0) - backMs).toBeLessThanOrEqual(30_000)
    expect(seen.of().verdict).toBe('live')
    expect(s.host().disk.hostState).toMatchObject({ touched: false, drained: false })
  })

  it('H36: traffic that comes back behind our back is drained again', async () => {
    const s = scene({ hosts: ['web-1'] })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'step.begun' && body.step === 'packages.upgrade') s.host().isIn = true
      },
    })
    expect(seen.told('warning').some((w) => w.sentence.includes('drained again'))).toBe(true)
    expect(seen.of().verdict).toBe('live')
  })
})
