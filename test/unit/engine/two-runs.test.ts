import { afterEach, describe, expect, it } from 'vitest'
import { Scene, type Seen } from '../../fixtures/model/scene'

const scenes: Scene[] = []
function pair(maxUnavailable: number): Scene {
  const made = new Scene({ hosts: ['web-1', 'web-2'], rollout: { max_unavailable: maxUnavailable } })
  scenes.push(made)
  return made
}

// Promise 3 is asked of the world at the moment a host goes out of service.
afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

describe('two runs at once on hosts of one group', () => {
  it('never take out more than max_unavailable together, though neither has the hosts of the other', async () => {
    const s = pair(1)
    const ends = await Promise.all([s.run({ selected: ['web-1'] }), s.run({ selected: ['web-2'] })])
    const [one, two] = [ends[0]?.of('web-1'), ends[1]?.of('web-2')]
    const verdicts = [one?.verdict, two?.verdict]
    expect(verdicts).toContain('untouched')
    expect([one, two].find((end) => end?.verdict === 'untouched')).toMatchObject({
      rule: { name: 'rollout.max_unavailable', value: '1' },
    })
  })

  it('both go on where there is room for both', async () => {
    const s = pair(2)
    const ends = await Promise.all([s.run({ selected: ['web-1'] }), s.run({ selected: ['web-2'] })])
    expect([ends[0]?.of('web-1').verdict, ends[1]?.of('web-2').verdict]).toEqual(['live', 'live'])
  })

  it('of all hosts: each host is maintained once, by one of them', async () => {
    const s = pair(1)
    const ends = await Promise.all([s.run(), s.run()])
    const upgrades = ends.flatMap((seen) => ['web-1', 'web-2'].flatMap((name) => seen.steps(name)))
    expect(upgrades.filter((step) => step === 'update/packages.upgrade').length).toBeLessThanOrEqual(2)
    for (const seen of ends)
      for (const verdict of Object.values(seen.verdicts)) expect(['live', 'untouched']).toContain(verdict)
  })

  it('a place that another run gave back meanwhile is free again', async () => {
    const s = pair(1)
    s.host('web-2').stealLease()
    const seen = await s.run({
      selected: ['web-1'],
      onEvent: (_, { body, host }) => {
        if (host === 'web-1' && body.type === 'stage.begun' && body.stage === 'monitor')
          s.host('web-2').touchLease('somebody-else', s.host('web-2').disk.lease?.token ?? 0, '')
      },
    })
    expect(seen.of('web-1').verdict).toBe('live')
  })

  it('a host that another run gave back while its traffic is out still uses its place', async () => {
    const s = pair(1)
    s.host('web-2').isIn = false
    s.host('web-2').stealLease()
    const seen = await s.run({
      selected: ['web-1'],
      onEvent: (_, { body, host }) => {
        if (host === 'web-1' && body.type === 'stage.begun' && body.stage === 'monitor')
          s.host('web-2').touchLease('somebody-else', s.host('web-2').disk.lease?.token ?? 0, '')
      },
    })
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_unavailable' } })
    expect(seen.of('web-1').reason).toContain('web-2 (its traffic reads out)')
  })

  it('a host that did not answer for a moment has its place back once it is well', async () => {
    const made = new Scene({ hosts: ['web-1', 'web-2', 'web-3'] })
    scenes.push(made)
    const seen = await made.run({
      onEvent: (_, { body, host }) => {
        if (host === 'web-2' && body.type === 'stage.ended' && body.stage === 'monitor') made.host().partFor(15_000)
      },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'untouched', 'web-3': 'live' })
  })

  it('a host that had its turn, and was given back, may be in the hands of another run by then', async () => {
    const s = pair(1)
    const others: Promise<Seen>[] = []
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type !== 'wave.ended' || others.length > 0) return
        s.host('web-1').packageVersion = 1
        // Just before the soak is over, so that web-1 is out when the turn of web-2 comes.
        others.push(s.world.clock.sleep(295_000).then(() => s.run({ selected: ['web-1'] })))
      },
    })
    expect((await others[0])?.of('web-1').verdict).toBe('live')
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'untouched' })
    expect(seen.of('web-2').rule).toMatchObject({ name: 'rollout.max_unavailable' })
  })

  it('a host that another run took out meanwhile, and left out, uses the budget', async () => {
    const s = pair(1)
    const seen = await s.run({
      selected: ['web-1'],
      onEvent: (_, { body }) => {
        if (body.type !== 'stage.begun' || body.stage !== 'monitor') return
        s.host('web-2').disk.setState({ phase: 'drain', drained: true, run: 'another' })
        s.host('web-2').isIn = false
      },
    })
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_unavailable' } })
  })
})

it('two runs of one id, one after the other: the second one does its own work, and reads no answers of the first', async () => {
  const s = pair(1)
  const first = await s.run({ id: 'numberless' })
  for (const name of ['web-1', 'web-2']) s.host(name).packageVersion = 1
  const second = await s.run({ id: 'numberless' })
  expect([first.verdicts, second.verdicts]).toEqual([
    { 'web-1': 'live', 'web-2': 'live' },
    { 'web-1': 'live', 'web-2': 'live' },
  ])
  expect(second.told('traffic', 'web-1').map((t) => t.state)).toEqual(
    first.told('traffic', 'web-1').map((t) => t.state),
  )
  expect(s.host('web-2').packageVersion).toBe(2)
})
