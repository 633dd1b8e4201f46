import { afterEach, describe, expect, it } from 'vitest'
import { pause } from '../../../src/engine/clock'
import type { HostContext } from '../../../src/engine/host-context'
import { silence, whileHeard } from '../../../src/engine/silence'
import type { StepsEnd } from '../../../src/engine/steps-end'
import { ConnectError, LoginRefused } from '../../../src/errors'
import type { EventBody } from '../../../src/journal/event'
import { FakeClock } from '../../fixtures/fake-clock'
import { ModelClock } from '../../fixtures/model/model-clock'
import { modelStages } from '../../fixtures/model/model-run'
import { Scene, type Seen } from '../../fixtures/model/scene'

const HOUR_MS = 3_600_000
const AFTER = { golive: { watch: '60s', after: [{ run: 'model hook', always: true }] } }
const scenes: Scene[] = []

afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

/** A balancer at lb-1 keeps users away; with `own` a driver on the host besides, first or last in the file. */
function balanced(own = false, at: 'first' | 'last' = 'first'): Scene {
  const driver = (on: string) => ({ command: { drain: 'model out', undrain: 'model in', state: 'model state', on } })
  const both = at === 'first' ? [driver('host'), driver('lb-1')] : [driver('lb-1'), driver('host')]
  const traffic = own ? both : [driver('lb-1')]
  const stages = modelStages({ drain: { traffic, connections: { for: '0s' } }, ...AFTER })
  const made = new Scene({ hosts: ['web-1'], stages })
  made.world.add('lb-1', 'helpers')
  scenes.push(made)
  return made
}

/** The network of the host is gone at the first such event. */
async function lostAt(s: Scene, is: (body: EventBody) => boolean, awayMs: number) {
  let lostAtMs = 0
  const seen = await s.run({
    onEvent: (_, { body, atMs }) => {
      if (lostAtMs > 0 || !is(body)) return
      lostAtMs = atMs
      s.host().partFor(awayMs)
    },
  })
  expect(lostAtMs).toBeGreaterThan(0)
  return { seen, lostAtMs }
}

const at =
  (step: string, type: 'step.begun' | 'step.ended' = 'step.begun') =>
  (body: EventBody) =>
    body.type === type && body.stage === 'golive' && body.step === step

/** The network of the host is gone once its users are back. */
function lostUnderTraffic(s: Scene, awayMs: number) {
  return lostAt(s, (body) => body.type === 'traffic' && body.act === 'undrained', awayMs)
}

const whenOf = (seen: Seen, step: string) =>
  seen.events.find(({ body }) => body.type === 'step.begun' && body.stage === 'golive' && body.step === step)?.atMs ?? 0

describe('a host that falls silent under traffic', () => {
  it.each([false, true])(
    'is drained at the balancer at once, and nobody waits for its note (own driver: %s)',
    async (own) => {
      const s = balanced(own)
      const { seen, lostAtMs } = await lostUnderTraffic(s, HOUR_MS)
      expect(seen.of()).toMatchObject({ verdict: 'held', closesRun: true })
      expect(seen.of().reason).toMatch(
        /the host did not answer within 10 s; .*its state could not be written: .*does not answer/,
      )
      expect(s.host().isIn).toBe(false)
      const drainedMs = whenOf(seen, own ? 'traffic-2-drain' : 'traffic-1-drain') - lostAtMs
      expect(drainedMs).toBeLessThanOrEqual(30_000)
      expect(s.world.clock.monotonicMs() - lostAtMs).toBeLessThan(180_000)
      // The disk of the host says enough: the next run verifies it before anything else.
      expect(s.host().disk.hostState).toMatchObject({ touched: true, drained: true })
      await s.later()
      expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    },
  )

  it('says what is drained again and what is not', async () => {
    const { seen } = await lostUnderTraffic(balanced(true), HOUR_MS)
    expect(seen.of().reason).toContain('NOT drained again at host: the connection is lost: the host does not answer')
  })

  it('and is back soon: its watch goes on', async () => {
    const { seen } = await lostUnderTraffic(balanced(), 9_000)
    expect(seen.of().verdict).toBe('live')
  })

  it('is drained again though the balancer needs a second try', async () => {
    const s = balanced()
    s.world.inject({ at: 'lb-1 golive/traffic-1-drain', kind: 'fail' })
    const { seen } = await lostUnderTraffic(s, HOUR_MS)
    expect(seen.of().reason).toContain('; drained again;')
    expect(s.host().isIn).toBe(false)
  })
})

describe('a host that falls silent while a balancer sends users to it already', () => {
  // Undone newest first: the balancer is behind the driver of the host itself in the file.
  it.each([
    ['begins to let them in', 'traffic-1-undrain', 'step.begun'],
    ['is asked whether it let them in', 'traffic-1-is-in', 'step.begun'],
    ['has said that it did', 'traffic-1-is-in', 'step.ended'],
  ] as const)('and %s is drained at the balancer at once', async (_, step, when) => {
    const s = balanced(true)
    const { seen, lostAtMs } = await lostAt(s, at(step, when), HOUR_MS)
    expect(seen.of()).toMatchObject({ verdict: 'held', closesRun: true })
    expect(seen.of().reason).toContain('the host did not answer within 10 s, twice in a row, and takes no new login')
    expect(s.host().isIn).toBe(false)
    expect(whenOf(seen, 'traffic-2-drain') - lostAtMs).toBeLessThanOrEqual(30_000)
    expect(s.world.clock.monotonicMs() - lostAtMs).toBeLessThan(180_000)
    expect(s.host().disk.hostState).toMatchObject({ touched: true, drained: true })
    await s.later()
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('and is back soon goes live', async () => {
    const { seen } = await lostAt(balanced(true), at('traffic-1-undrain'), 9_000)
    expect(seen.of().verdict).toBe('live')
  })

  it('and has stood its watch, as its paused actors are to go on, is drained there too', async () => {
    const s = balanced()
    const isWatched = (body: EventBody) => body.type === 'observed' && body.stage === 'golive'
    const { seen, lostAtMs } = await lostAt(s, isWatched, HOUR_MS)
    expect(seen.of()).toMatchObject({ verdict: 'held', closesRun: true })
    expect(whenOf(seen, 'traffic-1-drain') - lostAtMs).toBeLessThanOrEqual(30_000)
    expect(s.host().isIn).toBe(false)
  })
})

describe('a host that has no session left to ask while its program is followed', () => {
  const never = () => new Promise<never>(() => undefined)
  async function heard(freshLogin: () => Promise<void>) {
    const clock = new FakeClock()
    const machine = { ask: never, freshLogin } as unknown as HostContext['machine']
    const act = async ({ signal }: Pick<HostContext, 'signal'>): Promise<StepsEnd> => {
      for (let i = 0; i < 300 && !signal.aborted; i++) await pause(clock, 1_000, signal)
      return signal.aborted ? { t: 'cancelled' } : { t: 'ok' }
    }
    return whileHeard({ machine, clock, signal: new AbortController().signal }, act)
  }

  it('is there as long as it takes new logins, or refuses them', async () => {
    expect(await heard(async () => undefined)).toEqual({ t: 'ok' })
    expect(await heard(() => Promise.reject(new LoginRefused('no such key')))).toEqual({ t: 'ok' })
  })

  it('is gone where none comes about', async () => {
    const gone = { t: 'failed', step: 'silence', reason: expect.stringContaining('takes no new login') }
    expect(await heard(() => Promise.reject(new ConnectError('no route')))).toEqual(gone)
    expect(await heard(never)).toEqual(gone)
  })
})

describe('the watch of a host whose only session is busy with a check', () => {
  async function watched(freshLogin: () => Promise<void>) {
    const clock = new ModelClock()
    const machine = { ask: () => new Promise<never>(() => undefined), freshLogin } as unknown as HostContext['machine']
    const over = new AbortController()
    void pause(clock, 60_000, new AbortController().signal).then(() => over.abort(new Error('it was watched enough')))
    const began = clock.monotonicMs()
    const why = await silence({ machine, clock }, over.signal).catch((error: Error) => error.message)
    return { why, tookMs: clock.monotonicMs() - began }
  }

  it('does not take it for silent as long as it takes new logins, or refuses them', async () => {
    expect((await watched(async () => undefined)).why).toBe('it was watched enough')
    expect((await watched(() => Promise.reject(new LoginRefused('no such key')))).why).toBe('it was watched enough')
  })

  it('takes it for silent within the same time where no login comes about', async () => {
    for (const login of [
      () => Promise.reject(new ConnectError('no route')),
      () => new Promise<never>(() => undefined),
    ]) {
      const { why, tookMs } = await watched(login)
      expect(why).toContain('did not answer within 10 s')
      expect(tookMs).toBeLessThanOrEqual(13_000)
    }
  })
})

describe('a host that falls silent while nobody sends users to it yet', () => {
  it('is waited for: the balancer is behind it', async () => {
    const s = balanced(true, 'last')
    const { seen } = await lostAt(s, at('traffic-2-undrain'), 200_000)
    expect(seen.of().verdict).toBe('live')
  })

  it('is waited for where only the host itself could let them in', async () => {
    const s = new Scene({ hosts: ['web-1'] })
    scenes.push(s)
    const { seen } = await lostAt(s, at('traffic-1-undrain'), 200_000)
    expect(seen.of().verdict).toBe('live')
  })
})

describe('a host that failed under traffic', () => {
  it('is drained again before its hooks have their turn', async () => {
    const s = balanced()
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'admitted') s.host().sickBy.add('users')
      },
    })
    expect(seen.of().reason).toMatch(/; drained again$/)
    const golive = seen.steps().filter((step) => step.startsWith('golive/'))
    expect(golive.indexOf('golive/traffic-1-drain')).toBeLessThan(golive.indexOf('golive/after-1'))
    expect(golive).toContain('golive/after-1')
  })
})

describe('a host that is lost in verify', () => {
  it('keeps nobody waiting for a note that it is held', async () => {
    const s = balanced()
    let shutAtMs = 0
    const seen = await s.run({
      onEvent: (_, { body, atMs }) => {
        if (body.type === 'round' && body.stage === 'verify') s.host().partFor(HOUR_MS)
        if (body.type === 'gate') shutAtMs = atMs
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(shutAtMs).toBeGreaterThan(0)
    expect(s.world.clock.monotonicMs() - shutAtMs).toBeLessThan(120_000)
    expect(s.host().isIn).toBe(false)
  })
})
