import { afterEach, describe, expect, it } from 'vitest'
import { modelStages } from '../../fixtures/model/model-run'
import { Scene, type Seen } from '../../fixtures/model/scene'

const HOUR_MS = 3_600_000
const AFTER = { golive: { watch: '60s', after: [{ run: 'model hook', always: true }] } }
const scenes: Scene[] = []

afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

/** A balancer at lb-1 keeps users away; with `own` a driver on the host besides, first in the file. */
function balanced(own = false): Scene {
  const driver = (on: string) => ({ command: { drain: 'model out', undrain: 'model in', state: 'model state', on } })
  const traffic = own ? [driver('host'), driver('lb-1')] : [driver('lb-1')]
  const stages = modelStages({ drain: { traffic, connections: { for: '0s' } }, ...AFTER })
  const made = new Scene({ hosts: ['web-1'], stages })
  made.world.add('lb-1', 'helpers')
  scenes.push(made)
  return made
}

/** The network of the host is gone once its users are back. */
async function lostUnderTraffic(s: Scene, awayMs: number): Promise<{ seen: Seen; lostAtMs: number }> {
  let lostAtMs = 0
  const seen = await s.run({
    onEvent: (_, { body, atMs }) => {
      if (body.type !== 'traffic' || body.act !== 'undrained') return
      lostAtMs = atMs
      s.host().partFor(awayMs)
    },
  })
  return { seen, lostAtMs }
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
