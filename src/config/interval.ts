import { openingsBetween } from './openings'
import type { WindowConfig } from './schema'
import { isFrozen } from './zone'

const DAY_MS = 86_400_000
/** Long enough for two openings of a window that opens once a year. */
const BACK_MS = 800 * DAY_MS
/** Gaps that are looked at: enough to see past one that a freeze made longer. */
const GAPS = 12
const MOST_OPENINGS = 2_000

/** How often the windows open, in ms: the usual gap between openings that no freeze took away. null: there is none. Pure. */
function intervalMs(windows: readonly WindowConfig[], nowMs: number): number | null {
  const openings = windows
    .flatMap((window) =>
      openingsBetween(window, nowMs - BACK_MS, nowMs, MOST_OPENINGS).filter((at) => !isFrozen(window, at)),
    )
    .sort((a, b) => a - b)
    .slice(-GAPS - 1)
  const gaps = openings.flatMap((at, i) => (i === 0 ? [] : [at - (openings[i - 1] ?? at)])).sort((a, b) => a - b)
  return gaps[Math.floor(gaps.length / 2)] ?? null
}

export interface Overdue {
  readonly intervalMs: number
  readonly sinceMs: number
}

/** Whether more than twice its interval has passed since the last maintenance; null: no, or nothing is known of it. Pure. */
export function overdueOf(windows: readonly WindowConfig[], lastMaintained: string | null, now: Date): Overdue | null {
  const last = lastMaintained === null ? Number.NaN : Date.parse(lastMaintained)
  const interval = Number.isNaN(last) ? null : intervalMs(windows, now.getTime())
  if (interval === null || now.getTime() - last <= 2 * interval) return null
  return { intervalMs: interval, sinceMs: now.getTime() - last }
}
