import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelStages } from '../../fixtures/model/model-run'
import type { Scene } from '../../fixtures/model/scene'

const scene = checkedScenes()
const web = (count: number) => Array.from({ length: count }, (_, i) => `web-${i + 1}`)
const ONE_PLACE = { name: 'rollout.max_unavailable' }

const stopByHand = (s: Scene, name: string) => {
  s.host(name).service.isActive = false
}

describe('the last healthy server is never taken away', () => {
  it.each(['web-1', 'web-2'])('with %s broken before the run, wherever it stands in the file', async (broken) => {
    const s = scene({ hosts: web(2) })
    stopByHand(s, broken)
    const seen = await s.run()
    expect(seen.verdicts).toEqual({ 'web-1': 'untouched', 'web-2': 'untouched' })
    expect(seen.told('admitted')).toEqual([])
    expect(seen.steps(broken === 'web-1' ? 'web-2' : 'web-1').filter((id) => id.startsWith('drain/'))).toEqual([])
  })

  it.each([
    ['that is broken', (s: Scene) => s.host('web-2').sickBy.add('always'), 'exit code 1'],
    [
      'whose check cannot be read',
      (s: Scene) => s.world.inject({ at: 'web-2 ?check', kind: 'unknown', times: 9 }),
      'no exit code',
    ],
  ])('who waits is told of the one %s, and of the rule', async (_, harm, word) => {
    const s = scene({ hosts: web(2) })
    harm(s)
    const { reason, rule } = (await s.run()).of('web-1')
    expect(rule).toMatchObject({ ...ONE_PLACE, value: '1' })
    expect(reason).toContain('web-2')
    expect(reason).toContain('command:model check')
    expect(reason).toContain(word)
  })

  it('a broken host that nobody selected uses a place, too', async () => {
    const s = scene({ hosts: web(3) })
    s.host('web-3').sickBy.add('always')
    expect((await s.run({ selected: ['web-1', 'web-2'] })).of('web-1')).toMatchObject({
      verdict: 'untouched',
      rule: ONE_PLACE,
    })
  })

  it('a host whose drained service is not active uses a place though no check is declared', async () => {
    const stages = modelStages({ drain: { services: ['app'], connections: { for: '0s' } }, verify: { checks: [] } })
    const s = scene({ hosts: web(2), stages })
    stopByHand(s, 'web-2')
    const seen = await s.run()
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: ONE_PLACE })
    expect(seen.of('web-1').reason).toContain('app is inactive')
  })

  it('where two may be out, one broken host leaves room for one', async () => {
    const s = scene({ hosts: web(4), rollout: { canary: 0, batch: 4, max_unavailable: 2 } })
    s.host('web-4').sickBy.add('always')
    let out = 0
    let most = 0
    const seen = await s.run({
      onEvent: (_, { body, host }) => {
        if (body.type === 'admitted') most = Math.max(most, ++out)
        if (body.type === 'host.ended' && host !== 'web-4') out -= 1
      },
    })
    expect(most).toBe(1)
    expect(seen.verdicts).toMatchObject({ 'web-1': 'live', 'web-2': 'live', 'web-3': 'live', 'web-4': 'untouched' })
  })

  it('with `broken: continue` the broken host has its turn, and the others theirs once it is live', async () => {
    const s = scene({
      hosts: web(2),
      stages: modelStages({
        monitor: { broken: 'continue', sample: '0s' },
        drain: { services: ['app'], connections: { for: '0s' } },
      }),
    })
    stopByHand(s, 'web-1')
    expect((await s.run()).verdicts).toEqual({ 'web-1': 'live', 'web-2': 'live' })
  })

  it('with `broken: continue` one that breaks while it is prepared uses a place from then on', async () => {
    const stages = modelStages({ monitor: { broken: 'continue', sample: '0s' } })
    const s = scene({ hosts: web(2), rollout: { canary: 0, batch: 2 }, stages })
    const seen = await s.run({
      onEvent: (_, { body, host }) => {
        if (host === 'web-2' && body.type === 'stage.begun' && body.stage === 'monitor')
          s.host('web-2').sickBy.add('always')
      },
    })
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: ONE_PLACE })
    expect(seen.of('web-1').reason).toContain('web-2 (its check command:model check got: exit code 1')
  })

  it('one look that failed is noise: it is repeated before the host counts as out', async () => {
    const s = scene({ hosts: web(2) }, { at: 'web-2 ?check', kind: 'fail', times: 1 })
    expect((await s.run()).verdicts).toEqual({ 'web-1': 'live', 'web-2': 'live' })
  })

  it('a host that broke after it went live is seen before the next one is taken away', async () => {
    const s = scene({ hosts: web(2), rollout: { canary_soak: '10m' } })
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'wave.ended' && body.wave === 0) s.host('web-1').sickBy.add('always')
      },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'untouched' })
    expect(seen.of('web-2').reason).toContain('web-1')
  })

  it('a host that a person takes out right before its drain is out for those behind it', async () => {
    const s = scene({ hosts: web(2), rollout: { canary: 0 } })
    const seen = await s.run({
      onEvent: (_, { body, host }) => {
        if (host === 'web-1' && body.type === 'admitted') s.host('web-1').isIn = false
      },
    })
    expect(seen.of('web-2')).toMatchObject({ verdict: 'untouched', rule: ONE_PLACE })
  })
})

describe('a canary that proved nothing stops its group', () => {
  const three = { hosts: web(3), rollout: { max_unavailable: 3 } }

  it.each([
    ['its declared check is broken', (s: Scene) => s.host('web-1').sickBy.add('always')],
    [
      'its traffic could not be read',
      (s: Scene) => s.world.inject({ at: 'web-1 ?traffic-1-state', kind: 'unknown', times: 9 }),
    ],
    ['it does not answer', (s: Scene) => s.host('web-1').partFor(24 * 3_600_000)],
    [
      'its backup of packages failed',
      (s: Scene) => s.world.inject({ at: 'web-1 prepare/packages.download', kind: 'fail', times: 9 }),
    ],
    [
      'its drain failed and was undone',
      (s: Scene) => s.world.inject({ at: 'web-1 drain/traffic-1-drain', kind: 'fail', times: 9 }),
    ],
    ['another run has it', (s: Scene) => s.host('web-1').stealLease()],
  ])('%s', async (_, harm) => {
    const s = scene(three)
    harm(s)
    const seen = await s.run()
    expect(seen.verdicts).toMatchObject({ 'web-2': 'untouched', 'web-3': 'untouched' })
    expect(seen.of('web-2').rule).toMatchObject({ name: 'rollout.canary' })
    expect(seen.of('web-2').reason).toContain('web-1')
    expect(seen.told('admitted', 'web-2')).toEqual([])
  })

  it.each([
    ['was rolled back', 'rolled-back'],
    ['was held, and released by a person', 'held'],
  ] as const)('it %s in this window already', async (_, ledgerVerdict) => {
    const s = scene(three)
    s.host('web-1').disk.setState({ run: 'earlier', ledger: 'f@o', ledgerVerdict })
    const seen = await s.run({ ledgerKey: 'f@o' })
    expect(seen.verdicts).toEqual({ 'web-1': 'untouched', 'web-2': 'untouched', 'web-3': 'untouched' })
    expect(seen.of('web-2').rule).toMatchObject({ name: 'rollout.canary' })
  })

  it('but one that is live in this window already, or waits for its own window, stops nobody', async () => {
    const s = scene(three)
    s.host('web-1').disk.setState({ run: 'earlier', ledger: 'f@o', ledgerVerdict: 'live' })
    expect((await s.run({ ledgerKey: 'f@o' })).verdicts).toEqual({
      'web-1': 'untouched',
      'web-2': 'live',
      'web-3': 'live',
    })
    const late = scene(three)
    const seen = await late.run({
      admission: (host) =>
        host.name === 'web-1'
          ? { open: false, reason: 'too long', rule: { name: 'window.cutoff', value: '50m', line: 4 } }
          : { open: true },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'untouched', 'web-2': 'live', 'web-3': 'live' })
  })
})

describe('a group that others need', () => {
  const two = [
    { name: 'db', hosts: ['db-1'] },
    { name: 'web', hosts: ['web-1'], needs: ['db'] },
  ]

  it.each([
    ['has a broken check', (s: Scene) => s.host('db-1').sickBy.add('always')],
    ['is out of traffic', (s: Scene) => (s.host('db-1').isIn = false)],
    ['does not answer', (s: Scene) => s.host('db-1').partFor(24 * 3_600_000)],
  ])('keeps them waiting while one of its hosts %s, selected or not', async (_, harm) => {
    for (const selected of [['web-1'], ['db-1', 'web-1']]) {
      const s = scene(two)
      harm(s)
      const seen = await s.run({ selected })
      expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'groups.web.needs', value: 'db' } })
      expect(seen.of('web-1').reason).toContain('db-1')
    }
  })

  it('lets them go on where it was done in this window already, and is well', async () => {
    const s = scene(two)
    s.host('db-1').disk.setState({ run: 'earlier', ledger: 'f@o', ledgerVerdict: 'live' })
    expect((await s.run({ ledgerKey: 'f@o' })).verdicts).toEqual({ 'db-1': 'untouched', 'web-1': 'live' })
    const sick = scene(two)
    sick.host('db-1').disk.setState({ run: 'earlier', ledger: 'f@o', ledgerVerdict: 'live' })
    sick.host('db-1').sickBy.add('always')
    expect((await sick.run({ ledgerKey: 'f@o' })).of('web-1').verdict).toBe('untouched')
  })
})

describe('a host that serves others', () => {
  it.each([
    ['is broken', (s: Scene) => s.host('web-1').sickBy.add('always')],
    ['does not answer', (s: Scene) => s.host('web-1').partFor(24 * 3_600_000)],
    ['is out of traffic', (s: Scene) => (s.host('web-1').isIn = false)],
  ])('is not maintained while one of them %s, whether it had its turn or not', async (_, harm) => {
    const clients = new Map([['lb-1', ['web-1']]])
    for (const names of [
      ['lb', 'web'],
      ['web', 'lb'],
    ]) {
      const s = scene(names.map((name) => ({ name, hosts: [`${name}-1`] })))
      harm(s)
      const seen = await s.run({ clients })
      expect(seen.of('lb-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'serves', value: 'web-1' } })
    }
  })
})
