import type { Skip, WindowConfig } from './schema'

const DAY_MS = 86_400_000
const dayFormats = new Map<string, Intl.DateTimeFormat>()

/** The day of the calendar in a zone, `YYYY-MM-DD`. */
export function dayIn(timezone: string, at: number): string {
  return formatFor(timezone).format(at).slice(0, 10)
}

/** A moment for people, `2026-11-29 02:00 Asia/Jakarta`. */
export function momentIn(timezone: string, at: number): string {
  return `${formatFor(timezone).format(at).replace(', ', ' ').replace(' 24:', ' 00:')} ${timezone}`
}

/** Making a format costs far more than using it. The Swedish form is the one of ISO 8601. */
function formatFor(timezone: string): Intl.DateTimeFormat {
  const known = dayFormats.get(timezone)
  if (known !== undefined) return known
  const parts = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const
  const made = new Intl.DateTimeFormat('sv-SE', { ...parts, timeZone: timezone, hourCycle: 'h23' })
  dayFormats.set(timezone, made)
  return made
}

/** Freeze days are inclusive, in the window's zone. */
export function isFrozen(window: Pick<WindowConfig, 'freeze' | 'timezone'>, at: number): boolean {
  if (window.freeze.length === 0) return false
  const day = dayIn(window.timezone, at)
  return window.freeze.some(({ from, to }) => from <= day && day <= to)
}

/** The first moment of the first freeze day after `at`, in ms since the epoch; null when none comes within 32 days. */
export function startOfNextFreeze(window: Pick<WindowConfig, 'freeze' | 'timezone'>, at: number): number | null {
  const today = dayIn(window.timezone, at)
  const horizon = dayIn(window.timezone, at + 32 * DAY_MS)
  const days = window.freeze.map(({ from }) => from).filter((from) => today < from && from <= horizon)
  const first = days.sort()[0]
  return first === undefined ? null : startOfDay(window.timezone, first)
}

/** Found by halving: clocks change by steps that no arithmetic on days foresees. */
function startOfDay(timezone: string, day: string): number {
  const noonUtc = Date.parse(`${day}T12:00:00Z`)
  let before = noonUtc - 2 * DAY_MS
  let within = noonUtc + DAY_MS
  while (within - before > 1) {
    const middle = Math.floor((before + within) / 2)
    if (dayIn(timezone, middle) < day) before = middle
    else within = middle
  }
  return within
}

/** A skip holds through its last day, in the zone of the host's window (UTC where it has none). */
export function isSkipped(skip: Skip | null, window: readonly WindowConfig[], now: Date): boolean {
  if (skip === null) return false
  return skip.until === null || dayIn(window[0]?.timezone ?? 'UTC', now.getTime()) <= skip.until
}
