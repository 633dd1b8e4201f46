import { createHash } from 'node:crypto'
import type { Event, HostVerdict, RunVerdict } from '../../journal/event'
import type { RunRecord } from '../../report/run-record'

export type NoticeKind = 'begun' | 'held' | 'finished'

/** What people outside are told, whatever the channel. Text of hosts is in `reason` only, redacted and never trusted. */
export interface Notice {
  readonly kind: NoticeKind
  /** The same whenever this run tells this: a receiver drops what it has seen. No `.` in it. */
  readonly id: string
  /** ISO 8601 UTC. */
  readonly at: string
  readonly run: string
  readonly url: string | null
  readonly name: string
  /** Whom a held host calls for. */
  readonly owner: string | null
  /** Of a held host; null where the notice is about the run, or nothing may be told. */
  readonly host: { readonly name: string; readonly group: string; readonly reason: string } | null
  /** null: not ended. */
  readonly verdict: RunVerdict | null
  readonly hosts: { readonly total: number } & Readonly<Partial<Record<HostVerdict, number>>>
}

/** More held hosts than these are told together when the run ends. */
const MOST_HELD = 10

/** Turns the events of one run into its notices, each of them once. */
export class Notices {
  readonly #discloses: boolean
  #held = 0
  #begun = false

  /** `discloses: false`: hosts are counted, not named. */
  constructor(discloses: boolean) {
    this.#discloses = discloses
  }

  /** The notice that an event calls for; null: none. */
  next(event: Event, record: () => RunRecord): Notice | null {
    switch (event.type) {
      // A run that is refused by its window disturbs nobody, and tells nobody.
      case 'wave.begun':
        if (this.#begun || !isWork(record())) return null
        this.#begun = true
        return notice('begun', event, record(), null)
      case 'host.ended':
        return event.verdict === 'held' && event.host !== null ? this.#heldNotice(event, event.host, record()) : null
      case 'run.ended':
        return this.#begun || this.#held > 0 ? notice('finished', event, record(), null) : null
      default:
        return null
    }
  }

  #heldNotice(event: Extract<Event, { type: 'host.ended' }>, name: string, record: RunRecord): Notice | null {
    if (!isWork(record) || ++this.#held > MOST_HELD) return null
    const group = record.hosts.get(name)?.facts.group ?? ''
    const host = this.#discloses ? { name, group, reason: event.reason } : null
    return { ...notice('held', event, record, name), host }
  }
}

function isWork({ facts }: RunRecord): boolean {
  return facts?.mode === 'run' || facts?.mode === 'recover'
}

function notice(kind: NoticeKind, event: Event, record: RunRecord, about: string | null): Notice {
  const ends = [...record.hosts.values()].flatMap(({ end }) => (end === null ? [] : [end.verdict]))
  const counts = Object.fromEntries(
    [...new Set(ends)].map((verdict) => [verdict, ends.filter((v) => v === verdict).length]),
  )
  return {
    kind,
    id: `pitstop_${createHash('sha256')
      .update(JSON.stringify([event.run, kind, about]))
      .digest('hex')
      .slice(0, 32)}`,
    at: event.at,
    run: event.run,
    url: record.facts?.url ?? null,
    name: record.facts?.name ?? '',
    owner: record.facts?.owner ?? null,
    host: null,
    verdict: event.type === 'run.ended' ? event.verdict : null,
    hosts: { total: record.hosts.size, ...counts },
  }
}
