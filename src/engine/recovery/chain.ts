import type { FoundNote } from '../../host/program-note'
import type { StageName } from '../../plan/step'
import type { HostContext } from '../host-context'
import { PROGRAMS_A_LEASE } from '../program-note'

/** What the runs that worked on one maintenance of a host noted there, the first program first. */
export interface Chain {
  /** The run that began it. */
  readonly run: string
  /** The newest of them that added anything: whoever goes on with it names this one, and passes over those behind it. */
  readonly last: string
  readonly notes: readonly FoundNote[]
  /** The first program that took the host out; null: none noted that. */
  readonly start: FoundNote | null
}

/** Stages whose programs tell something that recovery goes by. Verify and golive are gone through anew. */
export const TOLD: readonly StageName[] = ['prepare', 'clean', 'update']

/** Runs of one maintenance that are looked at: more have not added to it, one after the other. */
const MOST_RUNS = 20

/** A sentence: what a run noted there cannot be read. */
export async function chainOf(x: HostContext, run: string): Promise<Chain | string> {
  const rows = new Map<string, Row>()
  for (let at = run; ; ) {
    const read = await x.machine.readNotes(at, x.signal)
    if (!read.ok) return read.why
    const own = lastRow(read.value.filter((note) => note.host === x.host.name))
    rows.set(at, own)
    const next = own.start?.after
    if (next === undefined || rows.has(next)) return chained([...rows])
    if (rows.size === MOST_RUNS) return `more than ${MOST_RUNS} runs noted that they went on with one another`
    at = next
  }
}

/** @param rows the newest run first */
function chained(rows: readonly (readonly [string, Row])[]): Chain {
  const [run, { start }] = rows.at(-1) ?? ['', { notes: [], start: null }]
  const [last] = rows.find(([, row], i) => addsTo(rows[i + 1]?.[1], row)) ?? [run]
  return { run, last, notes: rows.toReversed().flatMap(([, { notes }]) => notes), start }
}

/** A held host is looked at by every run, for weeks: what each of them notes of it is what the one before noted. */
function addsTo(older: Row | undefined, { notes, start }: Row): boolean {
  if (older === undefined || notes.some((note) => TOLD.includes(note.stage))) return true
  return JSON.stringify(start?.parts) !== JSON.stringify(older.start?.parts)
}

interface Row {
  readonly notes: readonly FoundNote[]
  readonly start: FoundNote | null
}

/**
 * The programs of the last maintenance in the folder of a run: from the one that noted the parts of its plan on, and what
 * prepare did for it. A run whose id is that of an earlier one (post and its main) may have gone on with itself.
 */
function lastRow(found: readonly FoundNote[]): Row {
  const notes = [...found].sort((a, b) => numberOf(a) - numberOf(b))
  const starts = notes.filter((note) => note.parts !== undefined)
  const start = starts.findLast((note) => note.after !== note.run) ?? starts[0] ?? null
  if (start === null) return { notes, start }
  const isOwn = (note: FoundNote) =>
    numberOf(note) >= numberOf(start) || (leaseOf(note) === leaseOf(start) && note.stage === 'prepare')
  return { notes: notes.filter(isOwn), start }
}

/** Programs are numbered in the order they were begun, over all leases of a host. */
const numberOf = ({ id }: FoundNote) => Number(/-(\d{1,15})$/.exec(id)?.[1] ?? 0)
const leaseOf = (note: FoundNote) => Math.floor(numberOf(note) / PROGRAMS_A_LEASE)
