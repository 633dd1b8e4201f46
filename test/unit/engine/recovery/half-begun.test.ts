import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../../fixtures/model/checked-scenes'
import { modelStages, type StagesInput } from '../../../fixtures/model/model-run'

const scene = checkedScenes()
const apps = [{ name: 'app', run: 'model deploy', version: 'model version', rollback: 'model previous' }]

describe('a required hook elsewhere that failed, and a run that is gone in the hook that comes after in any case', () => {
  const hooks = {
    before: [{ run: 'model hook', on: 'lb-1' }],
    after: [{ run: 'model hook', always: true }],
  }
  const cases: readonly ['update' | 'clean', StagesInput, string, number][] = [
    ['update', { update: { ...hooks } }, 'held', 1],
    ['clean', { clean: { kernels: false, temp: false, ...hooks } }, 'live', 1],
  ]
  it.each(cases)(
    'in %s: what came after it does not prove that it took effect',
    async (stage, stages, verdict, version) => {
      const s = scene({ hosts: ['web-1'], stages: modelStages(stages) }, { at: `${stage}/before-1`, kind: 'fail' })
      s.world.add('lb-1', 'helpers')
      await s.run({
        onEvent: (_, { body }, strike) => {
          if (body.type === 'step.ended' && body.stage === stage && body.step === 'after-1') strike.kill()
        },
      })
      await s.later()
      const seen = await s.run()
      expect(seen.of().verdict).toBe(verdict)
      expect(seen.steps()).not.toContain('update/packages.upgrade')
      expect(s.host().packageVersion).toBe(version)
    },
  )
})

describe('a required hook elsewhere, and a run that is gone in a hook that waits for the stage', () => {
  it('took effect, or that one had not been begun', async () => {
    const before = [{ run: 'model hook', on: 'lb-1' }]
    const update = { packages: 'none' as const, before, after: [{ run: 'model hook' }] }
    const s = scene({ hosts: ['web-1'], stages: modelStages({ update }) })
    s.world.add('lb-1', 'helpers')
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.ended' && body.stage === 'update' && body.step === 'after-1') strike.kill()
      },
    })
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })
})

describe('a rollback that was cut between two of its steps', () => {
  it('is not taken for one that came to its end', async () => {
    const s = scene(
      { hosts: ['web-1'], stages: modelStages({ update: { apps } }), rollout: { on_failure: 'rollback' } },
      { at: 'update/packages.rollback', kind: 'cut' },
    )
    s.host().sickBy.add('package')
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && body.step === 'packages.rollback') strike.kill()
      },
    })
    await s.later()
    // The power went a moment earlier: the application is back, and of the packages nothing was begun.
    for (const { items } of s.host().disk.programs.values()) {
      const at = items.findIndex((item) => item.t === 'begin' && item.step === 'packages.rollback')
      if (at >= 0) items.splice(at)
    }
    s.host().sickBy.clear()
    const seen = await s.run()
    expect(s.host().packageVersion).toBe(2)
    expect(seen.of()).toMatchObject({ verdict: 'held', reason: expect.stringMatching(/rollback of run run-1 was cut/) })
  })
})
