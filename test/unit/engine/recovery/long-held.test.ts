import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../../fixtures/model/checked-scenes'
import { forge } from '../../../fixtures/model/forge'
import { modelStages } from '../../../fixtures/model/model-run'

const scene = checkedScenes()
const apps = [{ name: 'app', run: 'model deploy', version: 'model version', rollback: 'model previous' }]
const stages = modelStages({ update: { apps } })

describe('design 4.3: a held host is verified again by every run', () => {
  it('however many have found it as it was: once it is repaired, the next one brings it back', async () => {
    const s = scene({ hosts: ['web-1'], stages })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    for (let i = 0; i < 25; i++) {
      const again = await s.run({ mode: 'recover' })
      expect(again.of()).toMatchObject({
        verdict: 'held',
        reason: expect.stringMatching(/^verified again, still shut/),
      })
    }
    s.host().sickBy.clear()
    expect((await s.run({ mode: 'recover' })).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })
})

describe('what was begun cannot be read', () => {
  it('and users are taken away again: what that run notes is not taken for the beginning by the next one', async () => {
    const s = scene({ hosts: ['web-1'], stages })
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && body.step === 'app.app') strike.kill()
      },
    })
    await s.later()
    forge(s.host(), 'torn')
    // A balancer that forgot the drain.
    s.host().isIn = true
    expect((await s.run()).of().reason).toContain('torn, forged or of another version')
    expect(s.host().isIn).toBe(false)
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held', reason: expect.stringContaining('torn, forged') })
    expect(seen.steps().filter((step) => step.startsWith('update/'))).toEqual([])
  })
})
