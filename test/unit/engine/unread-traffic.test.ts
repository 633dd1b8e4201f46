import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelStages } from '../../fixtures/model/model-run'

const scene = checkedScenes()

describe('a traffic state that cannot be read', () => {
  it('says in the reason how the command ended and what was expected, and has a step with a log', async () => {
    const s = scene({ hosts: ['web-1'] }, { at: 'web-1 ?traffic-1-state', kind: 'fail', times: 9 })
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'untouched', rule: { name: 'stages.drain.traffic', value: 'unknown' } })
    const said = 'command: the state command ended with exit code 1 and printed nothing; expected in or out'
    expect(seen.of().reason).toContain(said)
    expect(seen.told('step.output').map((e) => `${e.stage}/${e.step}: ${e.text}`)).toEqual([
      `prepare/read-traffic: ${said}\n`,
    ])
    expect(seen.told('step.ended')).toMatchObject([{ step: 'read-traffic', outcome: 'failed' }])
  })

  it('says so of a helper that cannot be had', async () => {
    const s = scene({ hosts: ['web-1'], stages: modelStages({}, 'lb-1') })
    s.world.add('lb-1', 'helpers').stealLease()
    expect((await s.run()).of().reason).toContain('lb-1 is leased')
  })

  it('after the drain it is told, too', async () => {
    const s = scene({ hosts: ['web-1'] })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'step.ended' && body.step === 'traffic-1-drain')
          s.world.inject({ at: 'web-1 ?traffic-1-state', kind: 'unknown', times: 1 })
      },
    })
    expect(seen.told('warning').map((e) => e.sentence)).toEqual([
      'traffic reads unknown: command: the state command did not end, or was cut off and printed nothing; expected in or out',
    ])
  })
})
