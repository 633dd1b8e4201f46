import { z } from 'zod'
import { STAGES } from '../plan/step'

/** ISO 8601, UTC. */
const time = z.iso.datetime()
const text = z.string().max(300)
const id = z.string().regex(/^[A-Za-z0-9._-]{1,100}$/)
const count = z.int().min(0)

/** What a visitor reads of one group of hosts. `unknown`: nothing confirms that it is well. */
const componentState = z.enum(['operational', 'maintenance', 'verifying', 'attention', 'unknown'])
export type ComponentState = z.output<typeof componentState>

const component = z.object({
  name: text,
  state: componentState,
  /** Since when it is in this state. */
  since: time.nullable(),
  /** When a host of it last passed its verification. */
  verifiedAt: time.nullable(),
  /** More than twice the time between its windows has passed since a maintenance. */
  overdue: z.boolean().optional(),
  /** All its hosts, those being worked on, those that wait for a person. null: not disclosed. */
  hosts: count.nullable(),
  busy: count.nullable(),
  waiting: count.nullable(),
  /** Marks of hosts that wait for a person, and of hosts that did not answer: no names, no addresses. */
  held: z.array(id),
  lost: z.array(id),
})
export type Component = z.output<typeof component>

const active = z.object({
  run: id,
  startedAt: time,
  /** When the run last told about itself. */
  seenAt: time,
  /** The earliest stage that a host is in; null: between two hosts. */
  stage: z.enum(STAGES).nullable(),
  components: z.array(text),
  hosts: count.nullable(),
  done: count.nullable(),
})
export type ActiveRun = z.output<typeof active>

/** `announcedAt`: when the page first told about it. */
const upcoming = z.object({ from: time, to: time, announcedAt: time, components: z.array(text) })
export type Upcoming = z.output<typeof upcoming>

/** `interrupted`: the run stopped telling about itself. */
const pastVerdict = z.enum(['live', 'partial', 'held', 'failed', 'interrupted'])
export type PastVerdict = z.output<typeof pastVerdict>

const tally = z.object({
  component: text,
  hosts: count,
  live: count,
  rolledBack: count,
  held: count,
  untouched: count,
  unreachable: count,
})
export type Tally = z.output<typeof tally>

const past = z.object({
  run: id,
  maintenance: id,
  title: text,
  verdict: pastVerdict,
  startedAt: time,
  /** When the last host had passed its verification; null: not all of them did. */
  verifiedAt: time.nullable(),
  endedAt: time.nullable(),
  /** Longest time that one host was out of service; null: not disclosed. */
  downtimeMs: count.nullable(),
  tallies: z.array(tally),
  /** Hosts that are not live, by name, only where the file says `disclose: full`. */
  notLive: z.array(z.object({ name: text, verdict: z.enum(['rolled-back', 'held', 'untouched', 'unreachable']) })),
})
export type PastRun = z.output<typeof past>

const maintenance = z.object({
  id,
  title: text,
  components: z.array(component),
  active: z.array(active),
  upcoming: z.array(upcoming),
})
export type Maintenance = z.output<typeof maintenance>

const siteState = z.object({
  version: z.literal(1),
  updatedAt: time,
  maintenances: z.array(maintenance).max(200),
  /** Newest first. */
  history: z.array(past).max(1_000),
})

/** status.json, version 1: all that the pages and feeds show, and what the next run adds to. */
export type SiteState = z.output<typeof siteState>

export type StoredState =
  | { readonly ok: true; readonly state: SiteState }
  /** `newer`: written by a later version, so it must not be overwritten. */
  | { readonly ok: false; readonly why: 'newer' | 'unreadable' }

/** Reads a status.json that lay on a branch: anybody who can push there may have written it. */
export function parseState(json: string): StoredState {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    return { ok: false, why: 'unreadable' }
  }
  const parsed = siteState.safeParse(value)
  if (parsed.success) return { ok: true, state: parsed.data }
  const head = z.object({ version: z.int().min(2) }).safeParse(value)
  return { ok: false, why: head.success ? 'newer' : 'unreadable' }
}
