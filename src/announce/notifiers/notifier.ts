import type { Event } from '../../journal/event'
import type { RunRecorder } from '../../report/run-record'
import type { Announcer, Told } from '../announcer'
import type { Delivered } from './deliver'
import { type Notice, Notices } from './notice'

export interface NotifierOptions {
  /** What warnings call it: `slack`, `webhook 2`. */
  readonly who: string
  readonly discloses: boolean
  /** Never rejects. */
  readonly send: (notice: Notice, signal: AbortSignal) => Promise<Delivered>
  readonly told: Told
}

/** After the end of the run, so long at most until every notice is out or given up. */
const FINISH_MS = 45_000

/** Sends the notices of a run one after the other, beside the engine. */
export class Notifier implements Announcer {
  readonly #o: NotifierOptions
  readonly #notices: Notices
  readonly #stop = new AbortController()
  #queue: Promise<void> = Promise.resolve()

  constructor(options: NotifierOptions) {
    this.#o = options
    this.#notices = new Notices(options.discloses)
  }

  take(event: Event, run: Pick<RunRecorder, 'record'>): void {
    const notice = this.#notices.next(event, () => run.record())
    if (notice !== null) this.#queue = this.#queue.then(() => this.#send(notice))
  }

  async finish(): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), FINISH_MS)
    await this.#queue
    clearTimeout(timer)
  }

  async #send(notice: Notice): Promise<void> {
    const why = await this.#o.send(notice, this.#stop.signal).catch(() => 'an internal error')
    this.#o.told(this.#o.who, why === null, why === null ? null : `notice "${notice.kind}": ${why}`)
  }
}
