import { describe, expect, it } from 'vitest'
import type { HostConfig } from '../../../src/config/schema'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelStages } from '../../fixtures/model/model-run'
import type { Scene, Seen } from '../../fixtures/model/scene'

const scene = checkedScenes()

/** The hosts of each wave, in the order they were begun. */
const waves = (seen: Seen) => seen.events.flatMap(({ body }) => (body.type === 'wave.begun' ? [body.hosts] : []))
/** The end of monitor, after which the plan of a host is final. */
const preparedAt = (seen: Seen, name: string) =>
  seen.events.findIndex(({ body, host }) => body.type === 'stage.ended' && body.stage === 'monitor' && host === name)
const web = (count: number) => Array.from({ length: count }, (_, i) => `web-${i + 1}`)

describe('waves', () => {
  it('begin with the canary, then batches in the order of the file', async () => {
    const s = scene({ hosts: web(5), rollout: { batch: 2, max_unavailable: 2 } })
    const seen = await s.run()
    expect(waves(seen)).toEqual([['web-1'], ['web-2', 'web-3'], ['web-4', 'web-5']])
    expect(Object.values(seen.verdicts)).toEqual(Array(5).fill('live'))
  })

  it('do not begin once the run is cancelled', async () => {
    const s = scene({ hosts: web(3) })
    const seen = await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.begun' && body.stage === 'update') strike.cancel()
      },
    })
    expect(waves(seen)).toEqual([['web-1']])
    expect(seen.verdicts).toEqual({ 'web-1': 'held', 'web-2': 'untouched', 'web-3': 'untouched' })
  })

  it('who is not admitted is told the rule with its own line of the file', async () => {
    const s = scene({ hosts: web(2), rollout: { max_failures: 0 } })
    for (const [name, host] of s.file.hosts)
      (s.file.hosts as Map<string, HostConfig>).set(name, { ...host, lines: { 'rollout.max_failures': 12 } })
    s.host('web-1').sickBy.add('package')
    const seen = await s.run()
    expect(seen.of('web-2').rule).toEqual({ name: 'rollout.max_failures', value: '0', line: 12 })
  })

  it('a canary that fails stops its group', async () => {
    const s = scene({ hosts: web(3), rollout: { max_failures: 9 } })
    s.host('web-1').sickBy.add('package')
    const seen = await s.run()
    expect(seen.verdicts).toEqual({ 'web-1': 'held', 'web-2': 'untouched', 'web-3': 'untouched' })
    expect(seen.of('web-2').rule).toMatchObject({ name: 'rollout.canary' })
  })

  it('a canary that is rolled back stops its group', async () => {
    const s = scene({ hosts: web(2), rollout: { max_failures: 9, on_failure: 'rollback' } })
    s.host('web-1').sickBy.add('package')
    expect((await s.run()).verdicts).toEqual({ 'web-1': 'rolled-back', 'web-2': 'untouched' })
  })

  it('soak for the time of the file after the canary and after each batch', async () => {
    const s = scene({ hosts: web(3), rollout: { canary_soak: '10m', soak: '3m' } })
    const seen = await s.run()
    const at = (type: string, n: number) => seen.events.filter((e) => e.body.type === type)[n]?.atMs ?? 0
    expect(at('wave.begun', 1) - at('wave.ended', 0)).toBe(600_000)
    expect(at('wave.begun', 2) - at('wave.ended', 1)).toBe(180_000)
  })
})

describe('budget', () => {
  it('nobody is out while others of the batch are looked at: what took over for it would be in their baselines', async () => {
    const s = scene({ hosts: web(2), rollout: { canary: 0, batch: 2, max_unavailable: 1, parallel: 1 } })
    const seen = await s.run()
    expect(preparedAt(seen, 'web-2')).toBeGreaterThan(-1)
    expect(preparedAt(seen, 'web-2')).toBeLessThan(seen.events.findIndex(({ body }) => body.type === 'admitted'))
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'live' })
  })

  it('at most max_unavailable hosts are out at once, in a batch that is larger', async () => {
    const s = scene({ hosts: web(5), rollout: { canary: 0, batch: 5, max_unavailable: 2 } })
    let out = 0
    let most = 0
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'admitted') most = Math.max(most, ++out)
        if (body.type === 'host.ended') out -= 1
      },
    })
    expect(most).toBe(2)
    expect(Object.values(seen.verdicts)).toEqual(Array(5).fill('live'))
  })

  it('a host that is held uses it up', async () => {
    const s = scene({ hosts: web(2), rollout: { canary: 0, max_failures: 9 } })
    s.host('web-1').sickBy.add('package')
    const seen = await s.run()
    expect(seen.verdicts).toEqual({ 'web-1': 'held', 'web-2': 'untouched' })
    expect(seen.of('web-2').rule).toMatchObject({ name: 'rollout.max_unavailable' })
  })

  it.each([
    ['taken out by a person', (s: Scene) => (s.host('web-3').isIn = false)],
    ['unreachable', (s: Scene) => s.host('web-3').partFor(24 * 3_600_000)],
    ['leased by another run', (s: Scene) => s.host('web-3').stealLease()],
  ])('a host that was %s before the run uses it up, also at the end of the file', async (_, prepare) => {
    const s = scene({ hosts: web(3) })
    prepare(s)
    s.world.takenAsOut.add('web-3')
    const seen = await s.run()
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_unavailable' } })
    expect(seen.of('web-2').verdict).toBe('untouched')
  })

  it('a host of an unreadable state is held, and stops its group', async () => {
    const s = scene({ hosts: web(2) })
    s.host('web-2').disk.state = 'nonsense'
    expect((await s.run()).verdicts).toEqual({ 'web-1': 'untouched', 'web-2': 'held' })
  })

  it('hosts that were not selected use it too', async () => {
    const s = scene({ hosts: web(3) })
    s.host('web-3').isIn = false
    expect((await s.run({ selected: ['web-1'] })).verdicts).toEqual({ 'web-1': 'untouched' })
  })

  it('max_failures: more failures than that stop admissions', async () => {
    const s = scene({ hosts: web(4), rollout: { canary: 0, max_failures: 1, max_unavailable: 4 } })
    s.host('web-1').sickBy.add('package')
    s.host('web-2').sickBy.add('package')
    const seen = await s.run()
    expect(seen.verdicts).toEqual({ 'web-1': 'held', 'web-2': 'held', 'web-3': 'untouched', 'web-4': 'untouched' })
    expect(seen.of('web-3').rule).toMatchObject({ name: 'rollout.max_failures', value: '1' })
  })

  it('hosts that were admitted finish when another one fails', async () => {
    const s = scene(
      { hosts: web(2), rollout: { canary: 0, batch: 2, max_unavailable: 2 } },
      { at: 'web-1 update/packages.upgrade', kind: 'fail' },
    )
    expect((await s.run()).verdicts).toEqual({ 'web-1': 'held', 'web-2': 'live' })
  })
})

describe('groups', () => {
  const two = [
    { name: 'db', hosts: ['db-1', 'db-2'] },
    { name: 'web', hosts: ['web-1'], needs: ['db'] },
  ]

  it('run one after the other, each with its own canary', async () => {
    const seen = await scene(two).run()
    expect(waves(seen)).toEqual([['db-1'], ['db-2'], ['web-1']])
  })

  it('a group whose needed group is not all live stays untouched', async () => {
    const s = scene(two)
    s.host('db-2').sickBy.add('package')
    const seen = await s.run()
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'groups.web.needs', value: 'db' } })
  })

  it('a needed group that was not selected counts as live, unless a run left one of its hosts', async () => {
    expect((await scene(two).run({ selected: ['web-1'] })).verdicts).toEqual({ 'web-1': 'live' })
    const s = scene(two)
    s.host('db-1').disk.setState({ phase: 'held', touched: true, run: 'earlier' })
    expect((await s.run({ selected: ['web-1'] })).verdicts).toEqual({ 'web-1': 'untouched' })
  })

  it('a needed group that was selected in part: so do those of its hosts that were not', async () => {
    const s = scene([
      { name: 'db', hosts: ['db-1', 'db-2'], rollout: { max_unavailable: 2 } },
      { name: 'web', hosts: ['web-1'], needs: ['db'] },
    ])
    s.host('db-2').disk.setState({ phase: 'held', touched: true, run: 'earlier' })
    const seen = await s.run({ selected: ['db-1', 'web-1'] })
    expect(seen.verdicts).toEqual({ 'db-1': 'live', 'web-1': 'untouched' })
  })

  it('a host that serves others is not maintained while one of them is out', async () => {
    const s = scene([
      { name: 'web', hosts: ['web-1'] },
      { name: 'lb', hosts: ['lb-1'] },
    ])
    s.host('web-1').sickBy.add('package')
    const seen = await s.run({ clients: new Map([['lb-1', ['web-1']]]) })
    expect(seen.of('lb-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'serves', value: 'web-1' } })
  })
})

describe('a host that serves others', () => {
  const lbAndWeb = () =>
    scene([
      { name: 'lb', hosts: ['lb-1'] },
      { name: 'web', hosts: ['web-1'] },
    ])
  const clients = new Map([['lb-1', ['web-1']]])

  it.each([
    ['nobody selected', { selected: ['lb-1'] }],
    ['has its turn later', {}],
  ])('is not maintained while an earlier run has left out one that %s', async (_, more) => {
    const s = lbAndWeb()
    s.host('web-1').disk.setState({ phase: 'held', touched: true, drained: true, run: 'earlier' })
    s.host('web-1').isIn = false
    const seen = await s.run({ clients, ...more })
    expect(seen.of('lb-1')).toMatchObject({ verdict: 'untouched', rule: { name: 'serves', value: 'web-1' } })
  })

  it('is not maintained while another run has one of them in hand', async () => {
    const s = lbAndWeb()
    s.host('web-1').stealLease()
    expect((await s.run({ clients, selected: ['lb-1'] })).of('lb-1').verdict).toBe('untouched')
  })

  it('is maintained where they are well', async () => {
    expect((await lbAndWeb().run({ clients })).verdicts).toEqual({ 'lb-1': 'live', 'web-1': 'live' })
  })

  it('has its turn after those of its wave, and by itself', async () => {
    const s = scene({ hosts: ['lb-1', 'web-1', 'web-2'], rollout: { canary: 0, batch: 3, max_unavailable: 3 } })
    const turns: string[] = []
    await s.run({
      clients: new Map([['lb-1', ['web-1', 'web-2']]]),
      onEvent: (_, { body, host }) => {
        if (body.type === 'admitted' || body.type === 'host.ended') turns.push(`${host} ${body.type}`)
      },
    })
    expect(turns.slice(-2)).toEqual(['lb-1 admitted', 'lb-1 host.ended'])
  })
})

describe('a host whose traffic state needs a secret', () => {
  const env = { TOKEN: '${env:LB_TOKEN}' }
  const driver = { command: { drain: 'model out', undrain: 'model in', state: 'model state', env } }

  it('is looked at before any lease without a program, and counts as what it says', async () => {
    const s = scene({
      hosts: web(3),
      stages: modelStages({ drain: { traffic: [driver], connections: { for: '0s' } } }),
    })
    // Nobody selected web-3, and it serves: it must not use up the one place of its group.
    const seen = await s.run({ selected: ['web-1', 'web-2'] })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'live' })
    expect([...s.host('web-3').disk.programs.keys()]).toEqual([])
  })
})

describe('a target at which others of the file are drained', () => {
  const atLb = modelStages({}, 'lb-1')
  const clients = new Map([['lb-1', ['web-1', 'web-2']]])
  const lb = { name: 'lb', hosts: ['lb-1'] }
  const webs = { name: 'web', hosts: web(2), stages: atLb }

  it.each([
    ['before them', [lb, webs]],
    ['after them', [webs, lb]],
  ])('has its turn %s, and is not kept away by its own run', async (_, groups) => {
    const s = scene(groups)
    const verdicts = (await s.run({ clients })).verdicts
    expect(verdicts).toEqual({ 'lb-1': 'live', 'web-1': 'live', 'web-2': 'live' })
    expect(s.host('lb-1').isLeased).toBe(false)
    expect(s.host('lb-1').disk.hostState).toMatchObject({ phase: 'idle', touched: false, drained: false })
  })

  it('keeps what it remembers of itself while others are drained at it', async () => {
    const s = scene([lb, webs])
    s.host('lb-1').sickBy.add('package')
    const seen = await s.run({ clients: new Map() })
    expect(seen.verdicts).toEqual({ 'lb-1': 'held', 'web-1': 'live', 'web-2': 'live' })
    expect(s.host('lb-1').disk.hostState).toMatchObject({ phase: 'held', touched: true })
  })

  it('is recovered beside them', async () => {
    const s = scene([webs, lb])
    for (const name of ['web-1', 'lb-1']) {
      s.host(name).sickBy.add('package')
    }
    await s.run()
    s.host('web-1').sickBy.clear()
    s.host('lb-1').sickBy.clear()
    const seen = await s.run({ mode: 'recover' })
    expect(seen.of('web-1')).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host('lb-1').isLeased).toBe(false)
  })
})

describe('a load balancer that two hosts share', () => {
  it('a drain that fails on one never brings users back to the other', async () => {
    const s = scene(
      {
        hosts: web(2),
        stages: modelStages({}, 'lb-1'),
        rollout: { canary: 0, batch: 2, max_unavailable: 2, max_failures: 2 },
      },
      { at: 'lb-1 drain/traffic-1-drain', kind: 'half' },
      { at: 'web-2 update/packages.upgrade', kind: 'slow' },
    )
    s.world.add('lb-1', 'helpers')
    // One of the two drains fails while the other host is on its way.
    s.world.clearFaults()
    const seen = await s.run({
      onEvent: (_, { body, host }) => {
        if (body.type === 'admitted' && host === 'web-2')
          s.world.inject(
            { at: 'web-2 ?traffic-1-is-out', kind: 'fail' },
            { at: 'web-1 update/packages.upgrade', kind: 'slow' },
          )
      },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'untouched' })
    expect(s.host('web-2').isIn).toBe(true)
  })

  it('forgets the undo of a host that is live', async () => {
    const s = scene({ hosts: web(1), stages: modelStages({}, 'lb-1') })
    const lb = s.world.add('lb-1', 'helpers')
    expect((await s.run()).of().verdict).toBe('live')
    expect(lb.disk.undos).toEqual([])
  })
})

describe('the window', () => {
  it('is asked again for each host, and an admitted host is carried to its verdict', async () => {
    const s = scene({ hosts: web(3), rollout: { canary_soak: '0s', soak: '0s' } })
    const closesMs = 90_000
    const seen = await s.run({
      admission: () =>
        s.world.clock.monotonicMs() < closesMs
          ? { open: true }
          : { open: false, reason: 'the window is shut', rule: { name: 'window.cutoff', value: '30m', line: 4 } },
    })
    expect(seen.verdicts).toEqual({ 'web-1': 'live', 'web-2': 'live', 'web-3': 'untouched' })
    expect(seen.events.find((e) => e.host === 'web-2' && e.body.type === 'host.ended')?.atMs).toBeGreaterThan(closesMs)
    expect(seen.of('web-3').rule).toMatchObject({ name: 'window.cutoff' })
  })

  it('is asked again after the look at the other hosts, which may take longer than it is open', async () => {
    const s = scene({ hosts: web(3), rollout: { canary: 0, max_unavailable: 2 } })
    let closesMs = Number.POSITIVE_INFINITY
    const seen = await s.run({
      admission: () =>
        s.world.clock.monotonicMs() < closesMs
          ? { open: true }
          : { open: false, reason: 'the window is shut', rule: null },
      onEvent: (_, { body, host, atMs }) => {
        if (host !== 'web-1' || body.type !== 'stage.ended' || body.stage !== 'monitor') return
        // It is waited for until it counts as out.
        s.host('web-3').partFor(3_600_000)
        closesMs = atMs + 5_000
      },
    })
    expect(seen.of('web-1')).toMatchObject({ verdict: 'untouched', admitted: false, reason: 'the window is shut' })
  })

  it('is asked with the time that the last maintenances of a host took, and each one that ends well is kept', async () => {
    const s = scene({ hosts: web(1) })
    s.host().disk.durations = [60_000, 90_000]
    const asked: (number | null)[] = []
    const admission = (_: unknown, usualMs: number | null) => {
      asked.push(usualMs)
      return { open: true } as const
    }
    expect((await s.run({ admission })).of().verdict).toBe('live')
    expect(asked).toEqual([90_000])
    expect(s.host().disk.durations).toHaveLength(3)
    expect(s.host().disk.durations[2]).toBeGreaterThan(0)
  })
})
