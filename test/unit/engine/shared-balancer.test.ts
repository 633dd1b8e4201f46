import { afterEach, describe, expect, it } from 'vitest'
import { modelStages } from '../../fixtures/model/model-run'
import { Scene } from '../../fixtures/model/scene'

const scenes: Scene[] = []

// Whatever a test is about, no promise may be broken on the way.
afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

describe('hosts behind one load balancer', () => {
  it('H45: a reload that forgets the drains of all of them takes users away from each again', async () => {
    const hosts = ['web-1', 'web-2', 'web-3', 'web-4']
    const rollout = { canary: 0, batch: 2, max_unavailable: 2 }
    const s = new Scene({ hosts, stages: modelStages(), rollout })
    scenes.push(s)
    let isReloaded = false
    const seen = await s.run({
      onEvent: (_, { host, body }) => {
        if (isReloaded || host !== 'web-2' || body.type !== 'stage.begun' || body.stage !== 'update') return
        isReloaded = true
        for (const name of ['web-1', 'web-2']) s.host(name).isIn = true
      },
    })
    expect(isReloaded).toBe(true)
    const again = ['web-1', 'web-2'].map((name) =>
      seen
        .told('warning', name)
        .map((e) => e.sentence)
        .join(),
    )
    for (const sentences of again) expect(sentences).toContain('drained again')
    expect(seen.verdicts).toEqual(Object.fromEntries(hosts.map((name) => [name, 'live'])))
  })
})
