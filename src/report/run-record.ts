import type { Event, RunFacts, RunReason, RunVerdict } from '../journal/event'
import { foldHost, type HostRecord, newHostRecord } from './host-record'

export interface RunEnd {
  readonly verdict: RunVerdict
  readonly reason: RunReason
  readonly sentence: string
  /** What of the sentence everybody may read, where that is not all of it. */
  readonly open: string | null
}

/** Everything the events of one run say: what report, summary and outputs are made of. */
export interface RunRecord {
  readonly id: string
  /** null: the run ended before its file and hosts were known. */
  readonly facts: RunFacts | null
  /** ISO 8601; null: there were no events. */
  readonly startedAt: string | null
  /** The time of the latest event. */
  readonly lastAt: string | null
  readonly end: RunEnd | null
  /** In the order of the plan. */
  readonly hosts: ReadonlyMap<string, HostRecord>
  readonly warnings: readonly string[]
}

type RunPart = Omit<RunRecord, 'hosts'>

const NOTHING: RunPart = { id: '', facts: null, startedAt: null, lastAt: null, end: null, warnings: [] }

/** Collects the record of a run, event by event; an event seen before (a journal read twice) changes nothing. */
export class RunRecorder {
  #run = NOTHING
  #lastSeq = 0
  // The one thing that is changed in place: a new map for each event would cost a fleet of thousands its minutes.
  readonly #hosts = new Map<string, HostRecord>()

  add(event: Event): void {
    if (event.seq <= this.#lastSeq) return
    this.#lastSeq = event.seq
    this.#run = { ...this.#run, id: event.run, startedAt: this.#run.startedAt ?? event.at, lastAt: event.at }
    if (event.host === null) this.#addRunEvent(event)
    else this.#addHostEvent(event.host, event)
  }

  /** The record so far; later events do not change it. */
  record(): RunRecord {
    return { ...this.#run, hosts: new Map(this.#hosts) }
  }

  #addRunEvent(event: Event): void {
    this.#run = foldRun(this.#run, event)
    if (event.type === 'run.begun') for (const host of event.hosts) this.#hosts.set(host.name, newHostRecord(host))
    if (event.type === 'wave.begun')
      for (const name of event.hosts) this.#change(name, (host) => ({ ...host, wave: event.wave }))
  }

  /** A helper is a machine of the run and has no place in the report. */
  #addHostEvent(name: string, event: Event): void {
    this.#change(name, (host) => foldHost(host, event))
  }

  #change(name: string, change: (host: HostRecord) => HostRecord): void {
    const host = this.#hosts.get(name)
    if (host !== undefined) this.#hosts.set(name, change(host))
  }
}

/** The record of events that are all there. */
export function recordOf(events: Iterable<Event>): RunRecord {
  const recorder = new RunRecorder()
  for (const event of events) recorder.add(event)
  return recorder.record()
}

function endOf({ verdict, reason, sentence, open }: Event & { type: 'run.ended' }): RunEnd {
  return { verdict, reason, sentence, open: open ?? null }
}

function foldRun(run: RunPart, event: Event): RunPart {
  switch (event.type) {
    case 'run.begun':
      return { ...run, facts: event.about }
    case 'run.ended':
      return { ...run, end: endOf(event) }
    case 'warning':
      return { ...run, warnings: [...run.warnings, event.sentence] }
    case 'told':
      return event.ok
        ? run
        : {
            ...run,
            warnings: [...run.warnings, `announcing to ${event.who} failed: ${event.why ?? 'no reason given'}`],
          }
    default:
      return run
  }
}
