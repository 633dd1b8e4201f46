import type { Event } from '../../journal/event'
import { spokenDuration } from '../../show/duration'

type Round = Extract<Event, { type: 'round' }>

/** Failing checks that are named; the report has all of them. */
const MOST_NAMED = 5

interface Row {
  readonly sinceMs: number
  toldAtMs: number
  named: string
}

/**
 * Rounds of checks in few lines: told when something begins to fail, when what fails is other than before, each time
 * twice as long has gone by, and when nothing fails any more.
 */
export class FoldedRounds {
  readonly #rows = new Map<string, Row>()

  /** What is to be said of this round; null: nothing new. `named`: the checks may be named. */
  take(event: Round, named: boolean): string | null {
    const key = JSON.stringify([event.host, event.stage])
    const nowMs = Date.parse(event.at)
    const row = this.#rows.get(key)
    if (event.failing.length === 0) {
      this.#rows.delete(key)
      return row === undefined
        ? null
        : `${event.stage}: nothing fails any more, after ${spokenDuration(nowMs - row.sinceMs)}`
    }
    const names = named ? namesOf(event.failing) : ''
    if (row === undefined) {
      this.#rows.set(key, { sinceMs: nowMs, toldAtMs: nowMs, named: names })
      return `${event.stage}: ${countOf(event)} failing${names}`
    }
    const isSame = names === row.named
    if (isSame && nowMs - row.toldAtMs < Math.max(5_000, row.toldAtMs - row.sinceMs)) return null
    row.toldAtMs = nowMs
    row.named = names
    return `${event.stage}: ${countOf(event)} still failing, ${spokenDuration(nowMs - row.sinceMs)}${isSame ? '' : names}`
  }
}

function countOf({ failing, of }: Round): string {
  if (of !== undefined) return `${failing.length} of ${of}`
  return `${failing.length} ${failing.length === 1 ? 'check' : 'checks'}`
}

function namesOf(failing: readonly string[]): string {
  const more = failing.length - MOST_NAMED
  return `: ${[...failing].sort().slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
