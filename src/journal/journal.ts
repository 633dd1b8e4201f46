import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import type { Clock } from '../engine/clock'
import type { StageName } from '../plan/step'
import type { RedactedStream, Redactor } from '../show/redact'
import { redactValues } from '../show/redact-values'
import type { Event, EventBody } from './event'

export interface JournalOptions {
  /** The file, one JSON event a line; null: nowhere (the file could not be made, or nothing is kept). */
  readonly path: string | null
  readonly run: string
  readonly clock: Pick<Clock, 'now'>
  readonly redactor: Pick<Redactor, 'text' | 'stream' | 'holds'>
}

/**
 * Facts after which users may notice something: they survive a power cut of the runner. All others survive the end of the
 * process, which is what befalls runners; what a host must not forget is on its own disk.
 */
const INTENTS: ReadonlySet<EventBody['type']> = new Set([
  'admitted',
  'touched',
  'reboot.ordered',
  'traffic',
  'run.ended',
])

interface Listener {
  readonly what: string
  readonly hear: (event: Event) => void
  /** It was said that this listener failed. */
  isSaid: boolean
}

/** The append-only list of what happened in a run. What is shown listens to it; nothing that listens can change it. */
export class Journal {
  readonly #o: JournalOptions
  #fd: number | null
  readonly #listeners: Listener[] = []
  /** What could not be kept, or heard, and was not told yet. */
  readonly #troubles: string[] = []
  /** Output comes in chunks, and a secret may lie across two of them. */
  readonly #streams = new Map<string, RedactedStream>()
  #seq = 0

  constructor(options: JournalOptions) {
    this.#o = options
    this.#fd = options.path === null ? null : this.#open(options.path)
  }

  /**
   * What listens fails alone: neither the run nor another listener hears of it, but for one warning.
   * @param what what it does, for that warning: "the logs of the steps"
   */
  listen(what: string, hear: (event: Event) => void): void {
    this.#listeners.push({ what, hear, isSaid: false })
  }

  /** A text as it would stand in the journal. */
  mask(text: string): string {
    return this.#o.redactor.text(text)
  }

  append(body: EventBody, host: string | null): void {
    if (body.type === 'step.output') {
      this.#output(body, host)
      return
    }
    if (body.type === 'step.ended') this.#flush(body, host)
    this.#write(body, host)
  }

  #output(body: Extract<EventBody, { type: 'step.output' }>, host: string | null): void {
    const key = `${host}/${body.stage}/${body.step}`
    const stream = this.#streams.get(key) ?? this.#o.redactor.stream()
    this.#streams.set(key, stream)
    const text = stream.push(body.text)
    if (text !== '') this.#write({ ...body, text }, host)
  }

  #flush({ stage, step }: { stage: StageName; step: string }, host: string | null): void {
    const key = `${host}/${stage}/${step}`
    const text = this.#streams.get(key)?.end() ?? ''
    this.#streams.delete(key)
    if (text !== '') this.#write({ type: 'step.output', stage, step, text }, host)
  }

  #write(body: EventBody, host: string | null): void {
    const envelope = { v: 1, seq: ++this.#seq, at: this.#o.clock.now().toISOString(), run: this.#o.run, host }
    const line = JSON.stringify({ ...envelope, ...redactedBody(body, this.#o.redactor) })
    // What is told is what was written: no listener ever meets a secret, and none changes what another one hears.
    const event = JSON.parse(line) as Event
    // Output of steps goes to their own log files.
    if (body.type !== 'step.output') this.#keep(line, INTENTS.has(body.type))
    for (const listener of this.#listeners) this.#tell(listener, event)
    for (const sentence of this.#troubles.splice(0)) this.append({ type: 'warning', sentence }, null)
  }

  /** A full disk of the runner is no reason to leave a host half-way: the run goes on, and says what is not kept. */
  #keep(line: string, isIntent: boolean): void {
    if (this.#fd === null) return
    try {
      writeSync(this.#fd, `${line}\n`)
      if (isIntent) fsyncSync(this.#fd)
    } catch (error) {
      this.#troubles.push(`the journal is not kept any longer: ${reasonOf(error)}`)
      this.close()
    }
  }

  #tell(listener: Listener, event: Event): void {
    try {
      listener.hear(event)
    } catch (error) {
      if (!listener.isSaid) this.#troubles.push(`${listener.what} cannot be kept: ${reasonOf(error)}`)
      listener.isSaid = true
    }
  }

  #open(path: string): number | null {
    try {
      return openSync(path, 'ax', 0o600)
    } catch (error) {
      this.#troubles.push(`the journal cannot be kept: ${reasonOf(error)}`)
      return null
    }
  }

  close(): void {
    const fd = this.#fd
    this.#fd = null
    try {
      if (fd !== null) closeSync(fd)
    } catch {
      // What a close can still fail for, the write has told.
    }
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
/** Names of hosts and groups are the file's own, and what everything else is told apart by: they stay as they are. */
function redactedBody(body: EventBody, redactor: JournalOptions['redactor']): EventBody {
  const { type } = body
  switch (type) {
    case 'run.begun': {
      const hosts = body.hosts.map((host) => ({ ...redactValues(host, redactor), name: host.name, group: host.group }))
      return { ...redactValues(body, redactor), type, hosts }
    }
    case 'wave.begun':
    case 'wave.ended':
      return body
    case 'step.begun':
    case 'step.ended':
    case 'step.output':
      return { ...redactValues(body, redactor), type, step: body.step } as EventBody
    default:
      return { ...redactValues(body, redactor), type } as EventBody
  }
}
