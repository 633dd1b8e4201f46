import type { Event } from '../journal/event'
import type { Disclosure } from '../report/disclose'

/** GitHub shows ten notices of a step and drops the rest without a word. */
const MOST_NOTICES = 10

/** The part of @actions/core that the notices need. */
export interface NoticeSink {
  notice(message: string, at: { title: string; file?: string; startLine?: number }): void
}

/** One notice before the first disruptive step of each host, at its line of the maintenance file. */
export class DrainNotices {
  readonly #sink: NoticeSink
  readonly #lines = new Map<string, number>()
  #file: string | null = null
  #told = 0

  constructor(sink: NoticeSink) {
    this.#sink = sink
  }

  /** @param disclose with `none` outsiders hear of no host */
  take(event: Event, disclose: Disclosure = 'full'): void {
    if (event.type === 'run.begun') {
      this.#file = event.about.file
      for (const { name, line } of event.hosts) if (line !== null) this.#lines.set(name, line)
    }
    if (disclose === 'none') return
    if (event.type === 'admitted' && event.host !== null && ++this.#told <= MOST_NOTICES) this.#tell(event.host)
  }

  #tell(host: string): void {
    const startLine = this.#lines.get(host)
    const place = this.#file !== null && startLine !== undefined ? { file: this.#file, startLine } : {}
    const more = this.#told === MOST_NOTICES ? ' Further hosts are told in the log only.' : ''
    this.#sink.notice(`${host} is drained now: its maintenance may be noticed from here on.${more}`, {
      title: 'Drain',
      ...place,
    })
  }
}
