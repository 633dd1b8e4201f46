import type { Event, Isolation } from '../journal/event'
import type { Disclosure } from '../report/disclose'

/** GitHub shows ten notices of a step and drops the rest without a word. */
const MOST_NOTICES = 10

/** The part of @actions/core that the notices need. */
export interface NoticeSink {
  notice(message: string, at: { title: string; file?: string; startLine?: number }): void
}

/** What its users notice. Nothing is done to them where nothing disruptive is pending. */
const USERS: Readonly<Record<Isolation, string>> = {
  isolated: 'its users are taken away from it before anything disruptive is done',
  stopped: 'its services are stopped before anything disruptive is done, and its users notice that',
  exposed: 'its users stay on it, as nothing in the file takes them away, and may notice it',
}

/** One notice before the first disruptive step of each host, at its line of the maintenance file. */
export class DrainNotices {
  readonly #sink: NoticeSink
  readonly #lines = new Map<string, number>()
  readonly #isolations = new Map<string, Isolation>()
  #file: string | null = null
  #told = 0

  constructor(sink: NoticeSink) {
    this.#sink = sink
  }

  /** @param disclose with `none` outsiders hear of no host */
  take(event: Event, disclose: Disclosure = 'full'): void {
    if (event.type === 'run.begun') {
      this.#file = event.about.file
      for (const { name, line, isolation } of event.hosts) {
        this.#isolations.set(name, isolation)
        if (line !== null) this.#lines.set(name, line)
      }
    }
    if (disclose === 'none') return
    if (event.type === 'admitted' && event.host !== null && ++this.#told <= MOST_NOTICES) this.#tell(event.host)
  }

  #tell(host: string): void {
    const startLine = this.#lines.get(host)
    const place = this.#file !== null && startLine !== undefined ? { file: this.#file, startLine } : {}
    const more = this.#told === MOST_NOTICES ? ' Further hosts are told in the log only.' : ''
    const users = USERS[this.#isolations.get(host) ?? 'exposed']
    this.#sink.notice(`The maintenance of ${host} begins now: ${users}.${more}`, {
      title: 'Drain',
      ...place,
    })
  }
}
