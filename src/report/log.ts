import type { Event } from '../journal/event'
import { spokenDuration } from '../show/duration'
import { forLog } from '../show/for-log'
import type { Redactor } from '../show/redact'
import type { Disclosure } from './disclose'
import { logSentence } from './log-sentence'
import { publicLogSentence } from './log-sentence-public'

/** Where the lines go. Hosts run in parallel and groups cannot nest: groups are given only when one host runs at a time. */
export interface LogSink {
  line(text: string): void
  readonly groups?: { start(title: string): void; end(): void }
}

/** A step is told about again when nothing was heard of it for this long. */
const QUIET_MS = 30_000

const CUT: Readonly<Record<Exclude<Disclosure, 'full'>, string>> = {
  counts: 'Outsiders may read this log: it tells stages, verdicts and counts (announce.disclose: counts).',
  none: 'Outsiders may read this log: it tells the verdict (announce.disclose: none).',
}
const WHERE_THE_REST_IS = 'Everything else is in the report folder.'

interface OpenStep {
  readonly host: string | null
  readonly title: string
  readonly stage: string
  readonly beganAtMs: number
  lastLineAtMs: number
  /** Output after the last line feed. */
  rest: string
}

/** The live log of a run: one line or a few for each event, every one safe to print. */
export class LiveLog {
  readonly #sink: LogSink
  readonly #redactor: Redactor
  readonly #open = new Map<string, OpenStep>()
  #groupOpen = false
  #disclose: Disclosure

  constructor(sink: LogSink, redactor: Redactor, disclose: Disclosure = 'full') {
    this.#sink = sink
    this.#redactor = redactor
    this.#disclose = disclose
  }

  /** The first line of every log, before anything is read or connected to. */
  hello(version: string, node: string): void {
    this.#print(`Pitstop ${version} on Node ${node}`, null)
  }

  /** How much whoever reads the log may see, once the maintenance file has said so. */
  discloses(disclose: Disclosure): void {
    this.#disclose = disclose
    if (disclose !== 'full') this.#print(`${CUT[disclose]} ${WHERE_THE_REST_IS}`, null)
  }

  add(event: Event): void {
    if (event.type === 'stage.begun') this.#startGroup(event)
    if (event.type !== 'step.output') this.#sentence(event)
    else if (this.#disclose === 'full') this.#output(event)
    if (event.type === 'stage.ended') this.#endGroup()
  }

  /** Says what still runs, and since when, for each step that was quiet for 30 s. Call it every few seconds. */
  progress(now: Date): void {
    for (const step of this.#open.values()) {
      if (now.getTime() - step.lastLineAtMs < QUIET_MS) continue
      step.lastLineAtMs = now.getTime()
      const what = this.#disclose === 'full' ? `${step.title}: ` : ''
      if (this.#disclose !== 'none')
        this.#print(
          `${step.stage}: ${what}still running, for ${spokenDuration(now.getTime() - step.beganAtMs)}`,
          step.host,
        )
    }
  }

  #sentence(event: Event): void {
    if (event.type === 'step.begun') this.#begin(event)
    if (event.type === 'step.ended') this.#finish(event)
    const sentence = this.#disclose === 'full' ? logSentence(event) : publicLogSentence(event, this.#disclose)
    if (sentence !== null) this.#print(sentence, event.host)
  }

  #begin(event: Extract<Event, { type: 'step.begun' }>): void {
    const at = Date.parse(event.at)
    this.#open.set(keyOf(event), {
      host: event.host,
      title: event.title,
      stage: event.stage,
      beganAtMs: at,
      lastLineAtMs: at,
      rest: '',
    })
  }

  #output(event: Extract<Event, { type: 'step.output' }>): void {
    const step = this.#open.get(keyOf(event))
    if (step === undefined) {
      this.#print(event.text, event.host)
      return
    }
    const text = step.rest + event.text
    const end = text.lastIndexOf('\n') + 1
    // A line without end is printed before it fills the memory.
    const now = text.length - end > 8_192 ? text.length : end
    step.rest = text.slice(now)
    if (now === 0) return
    step.lastLineAtMs = Date.parse(event.at)
    this.#print(text.slice(0, now), step.host)
  }

  #finish(event: Extract<Event, { type: 'step.ended' }>): void {
    const step = this.#open.get(keyOf(event))
    if (step !== undefined && step.rest !== '') this.#print(step.rest, step.host)
    this.#open.delete(keyOf(event))
  }

  #startGroup(event: Extract<Event, { type: 'stage.begun' }>): void {
    if (this.#sink.groups === undefined) return
    this.#endGroup()
    const [title] = forLog(`${event.host ?? 'run'}: ${event.stage}`, null, this.#redactor)
    this.#sink.groups.start(title ?? event.stage)
    this.#groupOpen = true
  }

  #endGroup(): void {
    if (!this.#groupOpen) return
    this.#sink.groups?.end()
    this.#groupOpen = false
  }

  #print(text: string, host: string | null): void {
    for (const line of forLog(text, host, this.#redactor)) this.#sink.line(line)
  }
}

function keyOf(event: { host: string | null; stage: string; step: string }): string {
  return JSON.stringify([event.host, event.stage, event.step])
}
