import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WindowConfig } from '../../../src/config/schema'
import { treeOf } from '../../../src/config/tree'
import { admission } from '../../../src/config/window'
import { readWindows } from '../../../src/config/window-rules'

interface Case {
  title: string
  window: unknown
  now: string
  scheduled?: boolean
  ledger?: string[]
  p95Ms?: number
  want: Record<string, unknown>
}

const cases = readdirSync('test/cases/window').flatMap(
  (file) => JSON.parse(readFileSync(`test/cases/window/${file}`, 'utf8')) as Case[],
)

function windowsOf(written: unknown): readonly WindowConfig[] {
  const { windows, problems } = readWindows(treeOf(written))
  expect(problems).toEqual([])
  return windows
}

function windowFrom(part: Partial<WindowConfig>): WindowConfig {
  const whole = {
    open: '0 2 * * *',
    durationMs: 3_600_000,
    timezone: 'UTC',
    startWithinMs: null,
    cutoffMs: 0,
    freeze: [],
    line: null,
  }
  return { ...whole, ...part }
}

describe('admission', () => {
  it.each(cases)('$title', ({ window, now, scheduled, ledger, p95Ms, want }) => {
    const answer = admission(windowsOf(window), new Date(now), {
      scheduled: scheduled ?? false,
      ledger: new Set(ledger ?? []),
      p95Ms: p95Ms ?? null,
    })
    expect(JSON.parse(JSON.stringify(answer))).toMatchObject(want)
  })

  it('is always open without a window, and keeps no ledger', () => {
    expect(admission([], new Date(), { scheduled: true })).toMatchObject({
      open: true,
      opening: null,
      ledgerOpening: null,
    })
  })

  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Jakarta', 'Australia/Lord_Howe')
  const moments = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) })

  it('opens exactly once a day, also on days with 23 or 25 hours', () => {
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 23 }), moments, (timezone, hour, moment) => {
        const windows = [windowFrom({ open: `30 ${hour} * * *`, timezone })]
        const local = (at: Date) => at.toLocaleDateString('sv-SE', { timeZone: timezone })
        const seen = new Map<string, Set<string>>()
        // Every quarter of an hour over three days: each local day inside shows one opening.
        for (let at = moment; at < moment + 3 * 86_400_000; at += 900_000) {
          const answer = admission(windows, new Date(at), { scheduled: false })
          if (!answer.open || answer.opening === null) continue
          const day = local(answer.opening)
          seen.set(day, (seen.get(day) ?? new Set()).add(answer.opening.toISOString()))
        }
        expect(seen.size).toBeGreaterThanOrEqual(2)
        for (const openings of seen.values()) expect(openings.size).toBe(1)
      }),
      { numRuns: 15 },
    )
  })

  it('admits between the opening and the last admission, and at no other time', () => {
    const windows = (timezone: string) => [windowFrom({ open: '15 2 * * *', timezone, startWithinMs: 45 * 60_000 })]
    fc.assert(
      fc.property(zones, moments, (timezone, moment) => {
        const answer = admission(windows(timezone), new Date(moment), { scheduled: false })
        if (!answer.open) {
          expect(answer.next?.getTime()).toBeGreaterThan(moment)
          const then = admission(windows(timezone), answer.next ?? new Date(0), { scheduled: false })
          expect(then).toMatchObject({ open: true, opening: answer.next })
          return
        }
        expect(answer.opening?.getTime()).toBeLessThanOrEqual(moment)
        expect(answer.lastAdmission?.getTime()).toBeGreaterThanOrEqual(moment)
        const last = answer.lastAdmission?.getTime() ?? 0
        expect(last - (answer.opening?.getTime() ?? 0)).toBe(45 * 60_000)
        expect(admission(windows(timezone), new Date(last), { scheduled: false }).open).toBe(true)
        expect(admission(windows(timezone), new Date(last + 1), { scheduled: false }).open).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('never admits on a freeze day of the zone', () => {
    fc.assert(
      fc.property(zones, moments, (timezone, moment) => {
        const freeze = [
          { from: '2026-03-20', to: '2026-04-05' },
          { from: '2026-11-01', to: '2026-11-01' },
        ]
        const window = windowFrom({ open: '0 22 * * *', durationMs: 5 * 3_600_000, timezone, freeze })
        const answer = admission([window], new Date(moment), { scheduled: false })
        const day = new Date(moment).toLocaleDateString('sv-SE', { timeZone: timezone })
        if (('2026-03-20' <= day && day <= '2026-04-05') || day === '2026-11-01') expect(answer.open).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})
