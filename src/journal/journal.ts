import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { Clock } from '../engine/clock'
import type { Event, EventBody } from './event'

export interface JournalOptions {
  /** The file, one JSON event a line; null: nowhere (the file could not be made, or nothing is kept). */
  readonly path: string | null
  readonly run: string
  readonly clock: Pick<Clock, 'now'>
  /** Takes secrets out of one serialised event. */
  readonly redact: (json: string) => string
}

/** Facts after which something happens that must not be forgotten: they are on the disk before anything goes on. */
const INTENTS: ReadonlySet<EventBody['type']> = new Set(['run.begun', 'lease.taken', 'admitted', 'touched', 'reboot.ordered', 'gate', 'traffic', 'host.ended', 'run.ended'])

/** The append-only list of what happened in a run. What is shown listens to it; nothing that listens can change it. */
export class Journal {
  readonly #o: JournalOptions
  readonly #fd: number | null
  readonly #listeners: ((event: Event) => void)[] = []
  #seq = 0

  constructor(options: JournalOptions) {
    this.#o = options
    this.#fd = options.path === null ? null : openSync(options.path, 'ax', 0o600)
  }

  listen(listener: (event: Event) => void): void {
    this.#listeners.push(listener)
  }

  append(body: EventBody, host: string | null): void {
    const whole = { v: 1, seq: ++this.#seq, at: this.#o.clock.now().toISOString(), run: this.#o.run, host, ...body }
    const line = this.#o.redact(JSON.stringify(whole))
    // What is told is what was written: no listener ever meets a secret.
    const event = JSON.parse(line) as Event
    // Output of steps goes to their own log files.
    if (this.#fd !== null && body.type !== 'step.output') {
      writeSync(this.#fd, `${line}\n`)
      if (INTENTS.has(body.type)) fsyncSync(this.#fd)
    }
    for (const listener of this.#listeners) listener(event)
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd)
  }
}
