import { Cron } from 'croner'
import type { WindowConfig } from './schema'

/** The clock of a window. A time that a gap skips opens when the gap ends; a time that comes twice opens the first time. */
function clockOf(window: Pick<WindowConfig, 'open' | 'timezone'>): Cron {
  return new Cron(window.open, { mode: '5-part', timezone: window.timezone })
}

/** Openings with `from` < opening <= `to`, oldest first, at most `most`. Times in ms since the epoch. */
export function openingsBetween(
  window: Pick<WindowConfig, 'open' | 'timezone'>,
  from: number,
  to: number,
  most: number,
): readonly number[] {
  const clock = clockOf(window)
  const openings: number[] = []
  let at = clock.nextRun(new Date(from))
  while (at !== null && at.getTime() <= to && openings.length < most) {
    openings.push(at.getTime())
    at = clock.nextRun(at)
  }
  return openings
}

/** The first opening after `after` that `allowed` lets pass; null when none of the next 1,000 does. */
export function nextOpening(
  window: Pick<WindowConfig, 'open' | 'timezone'>,
  after: number,
  allowed: (opening: number) => boolean,
): number | null {
  const clock = clockOf(window)
  let at = clock.nextRun(new Date(after))
  for (let tries = 0; at !== null && tries < 1_000; tries++) {
    if (allowed(at.getTime())) return at.getTime()
    at = clock.nextRun(at)
  }
  return null
}
