import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { type ModelFile, modelFile, modelStages, type StagesInput } from '../../fixtures/model/model-run'
import type { Scene, Seen } from '../../fixtures/model/scene'

const scene = checkedScenes()
const HOUR = 3_600_000

const apps = [{ name: 'app', run: 'model deploy', version: 'model version', rollback: 'model previous' }]
const full = (more: StagesInput['update'] = {}): StagesInput =>
  modelStages({ update: { apps, reboot: 'if-required', reboot_stable: '5s', ...more } })

const web = (stages: StagesInput, on_failure: 'hold' | 'rollback' = 'hold') => ({
  hosts: ['web-1'],
  stages,
  rollout: { on_failure },
})

/** A run whose runner is killed when the step is told as begun or ended; the next run comes once its lease is over. */
async function killedAt(s: Scene, step: string, when: 'begun' | 'ended' = 'begun', waitMs = 2 * HOUR): Promise<void> {
  const dead = await s.run({
    onEvent: (_, { body }, strike) => {
      if (body.type !== 'step.begun' && body.type !== 'step.ended') return
      if (body.type === `step.${when}` && `${body.stage}/${body.step}` === step) strike.kill()
    },
  })
  expect(dead.isDead).toBe(true)
  await s.later(waitMs)
}

const shut = () => ({ open: false, reason: 'the window is shut', rule: null }) as const
const findings = (seen: Seen) =>
  seen.told('observed').flatMap(({ what }) => (what.kind === 'finding' ? [what.what] : []))

describe('a run that was cut in the upgrade, which ended well since', () => {
  it.each(['run', 'recover'] as const)('%s does the rest of the plan: application and reboot', async (mode) => {
    const s = scene(web(full()))
    s.host().rebootFlag = 'yes'
    await killedAt(s, 'update/packages.upgrade')
    const bootId = s.host().bootId
    const seen = await s.run({ mode })
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered', admitted: false })
    expect(seen.steps()).not.toContain('update/packages.upgrade')
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2, isIn: true })
    expect(s.host().bootId).not.toBe(bootId)
  })

  it('the rest is done though the window is shut by then: the host was admitted, and is carried to its verdict', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run({ admission: shut })
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host().appVersion).toBe(2)
  })

  it('and the new version is sick: rolled back, as the file says', async () => {
    const s = scene(web(full(), 'rollback'))
    s.host().sickBy.add('package')
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run({ mode: 'recover' })
    expect(seen.of()).toMatchObject({ verdict: 'rolled-back' })
    expect(s.host()).toMatchObject({ packageVersion: 1, appVersion: 1, isIn: true })
  })

  it('a run that is cancelled there leaves the same to the next one', async () => {
    const s = scene(web(full()))
    const cut = await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && body.step === 'packages.upgrade') strike.cancel()
      },
    })
    expect(cut.of()).toMatchObject({ verdict: 'held', reason: 'cancelled in update' })
    await s.later()
    expect((await s.run({ mode: 'recover' })).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2 })
  })

  it('recovery that is cut itself is gone on with by the next one, of the first plan', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'update/packages.upgrade')
    await killedAt(s, 'update/app.app')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.steps()).not.toContain('update/app.app')
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2, isIn: true })
  })

  it('a reboot that was ordered and came is not ordered again, even by `reboot: always`', async () => {
    const s = scene(web(full({ reboot: 'always' })))
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'reboot.ordered') void s.world.clock.sleep(1_000).then(() => strike.kill())
      },
    })
    await s.later()
    const bootId = s.host().bootId
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.told('reboot.ordered')).toEqual([])
    expect(s.host().bootId).toBe(bootId)
  })
})

describe('what was cut in the middle is unknown', () => {
  it('an application: a failure, not repeated; held where the file says hold', async () => {
    const s = scene(web(full()), { at: /update\/app\.app$/, kind: 'cut' })
    await killedAt(s, 'update/app.app')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(
      /^update: Update app: it was cut in run run-1, and whether it took effect is unknown/,
    )
    expect(seen.steps()).not.toContain('update/app.app')
    expect(s.host().isIn).toBe(false)
  })

  it('an application, and the file wants a rollback: none, as nobody knows what there is to take back', async () => {
    const s = scene(web(full(), 'rollback'), { at: /update\/app\.app$/, kind: 'cut' })
    await killedAt(s, 'update/app.app')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toContain('not rolled back: No rollback: the update of app was cut in the middle')
  })

  it.each([
    ['hold', 'held'],
    ['rollback', 'rolled-back'],
  ] as const)('a hook of the update, with on_failure: %s', async (on_failure, verdict) => {
    const stages = full({ packages: 'all', apps: [], after: [{ run: 'model hook' }] })
    const s = scene(web(stages, on_failure), { at: 'update/after-1', kind: 'cut' })
    await killedAt(s, 'update/after-1')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict })
    expect(seen.of().reason).toMatch(/after update: model hook: it was cut in run run-1/)
    expect(seen.steps()).not.toContain('update/after-1')
    expect(s.host().packageVersion).toBe(verdict === 'held' ? 2 : 1)
  })

  it('a hook elsewhere of which nobody can say whether it was over', async () => {
    const s = scene(web(full({ apps: [], after: [{ run: 'model hook', on: 'lb-1' }] })))
    s.world.add('lb-1', 'helpers')
    await killedAt(s, 'update/after-1')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(
      /after update: model hook \(begins on lb-1\): whether it took effect in run run-1 is unknown/,
    )
  })

  it('an upgrade: judged by the versions that are installed; all of them are there, and the rest is done', async () => {
    const s = scene(web(full()), { at: 'update/packages.upgrade', kind: 'cut-after' })
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2 })
  })

  it('an upgrade: some of them are not, and the file says what follows', async () => {
    const s = scene(web(full()), { at: 'update/packages.upgrade', kind: 'cut' })
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toContain('Not at the planned version after the update: webapp')
    expect(s.host().appVersion).toBe(1)
  })

  it('a rollback: held, for nobody knows how far it came', async () => {
    const s = scene(web(full({ apps: [] }), 'rollback'), { at: 'update/packages.rollback', kind: 'cut' })
    s.host().sickBy.add('package')
    await killedAt(s, 'update/packages.rollback')
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(/the rollback of run run-1 was cut/)
  })
})

describe('what came to its end', () => {
  it('hooks before the update are not begun again, and those after it are', async () => {
    const before = [{ run: 'model hook' }]
    const s = scene(web(full({ before, after: [{ run: 'model hook' }], apps: [] })))
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.steps()).not.toContain('update/before-1')
    expect(seen.steps()).toContain('update/after-1')
  })

  it('a hook at a helper that was noted on the host, and followed by more, is over', async () => {
    const s = scene(web(full({ before: [{ run: 'model hook', on: 'lb-1' }], apps: [] })))
    s.world.add('lb-1', 'helpers')
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.steps()).not.toContain('update/before-1')
  })

  it('a rollback whose verification was cut: rolled-back, once it is verified', async () => {
    const s = scene(web(full({ apps: [] }), 'rollback'))
    s.host().sickBy.add('package')
    let isBack = false
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.ended' && body.step === 'packages.rollback') isBack = true
        if (isBack && body.type === 'stage.begun' && body.stage === 'verify') strike.kill()
      },
    })
    await s.later()
    expect((await s.run()).of()).toMatchObject({
      verdict: 'rolled-back',
      reason: 'recovered; run run-1 had rolled it back',
    })
    expect(s.host()).toMatchObject({ packageVersion: 1, isIn: true })
  })

  it('an update whose verification was cut, and does not pass: rolled back, as the file says', async () => {
    const s = scene(web(full({ apps: [] }), 'rollback'))
    s.host().sickBy.add('package')
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'round') strike.kill()
      },
    })
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'rolled-back' })
    expect(s.host().packageVersion).toBe(1)
  })
})

describe('what nobody has begun yet', () => {
  it('in clean, the window open: clean ends, and the update is done', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'clean/package-cache')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered', admitted: false })
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2 })
  })

  it('in clean, the window shut: no update, and the host is not live without saying so', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'clean/package-cache')
    const seen = await s.run({ admission: shut, mode: 'recover' })
    expect(seen.of()).toMatchObject({
      verdict: 'live',
      reason: 'recovered; left out: the update of webapp, the application app',
    })
    expect(findings(seen)).toContain('Recovered; left out: the update of webapp, the application app')
    expect(seen.told('warning').map((w) => w.sentence)).toContain(
      'what run run-1 had not begun is left out: the window is shut',
    )
    expect(s.host()).toMatchObject({ packageVersion: 1, appVersion: 1, isIn: true })
  })

  it('a maintenance that was not whole is none for the ledger: a run in the same window does it', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'clean/package-cache')
    await s.run({ admission: shut, ledgerKey: 'file@opening' })
    const seen = await s.run({ ledgerKey: 'file@opening' })
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'verified' })
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 2 })
  })

  it('H14: a plan that is older than a day is not begun', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'clean/package-cache', 'begun', 25 * HOUR)
    const seen = await s.run()
    expect(seen.of().reason).toBe('recovered; left out: the update of webapp, the application app')
    expect(
      seen
        .told('warning')
        .map((w) => w.sentence)
        .join(),
    ).toContain('it was planned 25 hours ago')
  })

  it('the file of today keeps a package out: nothing of the old transaction is begun', async () => {
    const s = scene(web(full()))
    await killedAt(s, 'clean/package-cache')
    const seen = await s.run({ file: modelFile(web(full({ exclude: ['webapp'] }))) })
    expect(seen.of().verdict).toBe('live')
    expect(s.host().packageVersion).toBe(1)
  })

  it('clean failed in the run that is gone: no update, as in any maintenance, and that is said', async () => {
    const stages = modelStages({
      clean: { kernels: false, temp: false, before: [{ run: 'model hook' }] },
      update: { apps },
    })
    const s = scene(web(stages), { at: 'clean/before-1', kind: 'cut' })
    await killedAt(s, 'clean/before-1')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({
      verdict: 'live',
      reason: 'recovered; left out: the update of webapp, the application app',
    })
    expect(seen.steps()).not.toContain('clean/before-1')
  })
})

describe('a held host', () => {
  it('is verified again and nothing more; what its plan still lacks is said', async () => {
    const s = scene(web(full()), { at: /update\/app\.app$/, kind: 'fail' })
    expect((await s.run()).of().verdict).toBe('held')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(findings(seen)).toContain('Recovered; left out: the application app')
    expect(s.host()).toMatchObject({ packageVersion: 2, appVersion: 1 })
  })

  it('whose plan was done to its end, and lacked only the gate, is recovered without more words', async () => {
    const s = scene(web(full()))
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    s.host().sickBy.clear()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })
})

/** The file of today, for a host that was taken out by another one. */
const today = (stages: StagesInput): ModelFile => modelFile(web(stages))
const at = (on: string): StagesInput => modelStages({}, on)

describe('promise 6: a driver that the file names no more', () => {
  it.each(['drain/traffic-1-is-out', 'update/packages.upgrade'])(
    'at another place: nothing is done there, and the host is held with file and part (%s)',
    async (step) => {
      const s = scene(web(at('lb-1')))
      const lb = s.world.add('lb-1', 'helpers')
      await killedAt(s, step)
      const programs = lb.disk.programs.size
      const seen = await s.run({ file: today(modelStages({ drain: { traffic: [] } })) })
      expect(seen.of().verdict).toBe('held')
      expect(seen.of().reason).toMatch(
        /^run run-1 drained web-1 through the command driver on lb-1, which maintenance\.yml line 3 no longer names, so nothing was done there: restore the entry, or put traffic back by hand and run `node dist\/cli\.js release web-1 --reason TEXT`/,
      )
      // Nor does the next run forget it, which finds the notes of the one that held the host.
      const again = await s.run({ file: today(modelStages({ drain: { traffic: [] } })) })
      expect(again.of()).toMatchObject({ verdict: 'held', reason: expect.stringContaining('run run-1 drained web-1') })
      expect(lb.disk.programs.size).toBe(programs)
      expect(s.host().isIn).toBe(false)
    },
  )

  it.each(['drain/traffic-1-is-out', 'update/packages.upgrade'])(
    'and is named again: the host is put back through it (%s)',
    async (step) => {
      const s = scene(web(at('lb-1')))
      s.world.add('lb-1', 'helpers')
      await killedAt(s, step)
      await s.run({ file: today(modelStages({ drain: { traffic: [] } })) })
      expect((await s.run()).of().verdict).toBe('live')
      expect(s.host().isIn).toBe(true)
    },
  )

  it.each([
    ['drain/traffic-1-is-out', 'verified'],
    ['update/packages.upgrade', 'recovered'],
  ])(
    'of the host itself: its own undo puts it back, behind the gate where it was changed (%s)',
    async (step, reason) => {
      const s = scene(web(at('host')))
      await killedAt(s, step, 'begun', 60_000)
      // A host whose dead man did not come to it.
      s.host().disk.armed = null
      await s.later()
      const seen = await s.run({ file: today(modelStages({ drain: { traffic: [] } })) })
      expect(seen.of()).toMatchObject({ verdict: 'live', reason })
      expect(s.host().isIn).toBe(true)
    },
  )

  it('of the host itself whose undo needs a secret: held, no secret is given to it', async () => {
    const secret = { drain: 'model out', undrain: 'model in', state: 'model state', env: { PW: '${env:PW}' } }
    const s = scene(web(modelStages({ drain: { traffic: [{ command: secret }], connections: { for: '0s' } } })))
    await killedAt(s, 'update/packages.upgrade')
    const seen = await s.run({ file: today(modelStages({ drain: { traffic: [] } })) })
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(/through the command driver, whose undo needs a secret, which maintenance\.yml/)
    expect(s.host().isIn).toBe(false)
  })

  it('that says something else by now is gone by as it is now, and that is told', async () => {
    const s = scene(web(at('host')))
    await killedAt(s, 'update/packages.upgrade')
    const traffic = [{ command: { drain: 'model out', undrain: 'model in # better', state: 'model state' } }]
    const seen = await s.run({ file: today(modelStages({ drain: { traffic, connections: { for: '0s' } } })) })
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(
      seen
        .told('warning')
        .map((w) => w.sentence)
        .join(),
    ).toContain('says something else than when run run-1')
  })
})
