import { overdueOf } from '../config/interval'
import type { HostConfig } from '../config/schema'
import type { Journal } from '../journal/journal'
import { counted } from '../show/duration'
import type { RunContext } from './run-context'

const DAY_MS = 86_400_000

/** One sentence where a host was not maintained for more than twice its interval, else null. */
export function overdueSentence(host: HostConfig, lastMaintained: string | null, now: Date): string | null {
  const overdue = overdueOf(host.window, lastMaintained, now)
  if (overdue === null) return null
  const [since, every] = [overdue.sinceMs, overdue.intervalMs].map((ms) => counted(Math.round(ms / DAY_MS), 'day'))
  return `${host.name} was last maintained ${since} ago (${lastMaintained?.slice(0, 10)}), and its window opens every ${every}`
}

const OVERDUE_ADVICE =
  'See why the last runs left it out: its verdicts in their reports, and the schedule of the workflow'

/** A finding of the host, and a warning that becomes an annotation. */
export function tellOverdue(journal: Journal, host: string, sentence: string): void {
  const what = { kind: 'finding', what: sentence, severity: 'warn', advice: OVERDUE_ADVICE } as const
  journal.append({ type: 'observed', stage: 'monitor', what }, host)
  journal.append({ type: 'warning', sentence: `${sentence}. ${OVERDUE_ADVICE}` }, null)
}

/** Hears what the hosts of a run remember, and tells at its end of those that were left out again. */
export class OverdueHosts {
  readonly #x: RunContext
  readonly #last = new Map<string, string | null>()

  constructor(x: RunContext) {
    this.#x = x
    x.journal.listen('overdue', (event) => {
      if (event.type !== 'host.ended' || event.host === null) return
      const isMaintained = event.verdict === 'live' || event.verdict === 'rolled-back'
      this.#last.set(event.host, isMaintained ? null : event.lastMaintained)
    })
  }

  tell(): void {
    const now = this.#x.io.clock.now()
    for (const [name, last] of this.#last) {
      const host = this.#x.file.hosts.get(name)
      const sentence = host === undefined ? null : overdueSentence(host, last, now)
      if (sentence !== null) tellOverdue(this.#x.journal, name, sentence)
    }
  }
}
