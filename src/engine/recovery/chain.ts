import type { FoundNote } from '../../host/program-note'
import type { HostContext } from '../host-context'
import { PROGRAMS_A_LEASE } from '../program-note'

/** What the runs that worked on one maintenance of a host noted there, the first program first. */
export interface Chain {
  /** The run that began it. */
  readonly run: string
  readonly notes: readonly FoundNote[]
  /** The first program that took the host out; null: none noted that. */
  readonly start: FoundNote | null
}

/** Runs of one maintenance that are looked at: more have not gone on with one another. */
const MOST_RUNS = 20

/** A sentence: what a run noted there cannot be read. */
export async function chainOf(x: HostContext, run: string): Promise<Chain | string> {
  let notes: readonly FoundNote[] = []
  const seen = new Set<string>()
  for (let at = run; ; ) {
    seen.add(at)
    const read = await x.machine.readNotes(at, x.signal)
    if (!read.ok) return read.why
    const own = lastRow(read.value.filter((note) => note.host === x.host.name))
    notes = [...own.notes, ...notes]
    const next = own.start?.after
    if (next === undefined || seen.has(next)) return { run: at, notes, start: own.start }
    if (seen.size === MOST_RUNS) return `more than ${MOST_RUNS} runs noted that they went on with one another`
    at = next
  }
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
