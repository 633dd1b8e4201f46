import { type CheckResult, isWorse } from '../checks/check'
import { askJudges, type Judge } from '../checks/judge'
import type { Probe, ProbeContext } from '../checks/probe'
import { runProbes, whyOf } from '../checks/run'
import { steady } from '../checks/steady'
import { Facts } from '../facts/fact'
import { shutters } from '../gate/gate'
import { abortable } from '../host/abortable'

/** One look: facts in one trip, and probes. A pass looks at what may come and go, a sweep at everything. */
export type Look = 'pass' | 'sweep'

export interface Round {
  readonly number: number
  readonly checks: readonly CheckResult[]
  readonly facts: Facts
  /** Nothing in it would shut the gate. */
  readonly clean: boolean
}

export interface RoundsInput {
  readonly at: ProbeContext
  readonly baseline: Facts | undefined
  /** One trip for all facts the judges ask. @throws when they could not be read. */
  readonly readFacts: (signal: AbortSignal, look: Look) => Promise<Facts>
  readonly probes: readonly Probe[]
  readonly judges: readonly Judge[]
  readonly onRound: (round: Round) => void
}

export interface Retry {
  readonly forMs: number
  readonly everyMs: number
  /** Clean rounds in a row, before the last sweep. */
  readonly passes: number
}

/**
 * Rounds until `passes` in a row are clean, then one last sweep of everything, whose results are the result.
 * A failing round ends the row. After `forMs` no new row begins, and the results of the failing round are the result.
 * The units must not restart from one round to the next, the sweep included. Never rejects; cancelled is `unknown`.
 */
export async function verifyRounds(x: RoundsInput & { readonly retry: Retry }): Promise<readonly CheckResult[]> {
  const look = looker(x)
  const { clock, signal } = x.at
  const deadlineMs = clock.monotonicMs() + x.retry.forMs
  let inRow = 0
  for (;;) {
    const isSweep = inRow >= x.retry.passes
    const round = await look(isSweep ? 'sweep' : 'pass')
    if (signal.aborted) return cancelled(round)
    if (isSweep && round.clean) return round.checks
    inRow = round.clean ? inRow + 1 : 0
    if (inRow === 0 && clock.monotonicMs() >= deadlineMs) {
      // What only a sweep asks is told all the same, but it opens nothing any more.
      return isSweep || !hasSweepOnly(x) ? round.checks : worstById([...round.checks, ...(await look('sweep')).checks])
    }
    if (!(await pause(x, x.retry.everyMs))) return cancelled(round)
  }
}

export interface Watched {
  readonly ok: boolean
  /** Results of the deciding round: the last one, or the one that shut the gate again. */
  readonly checks: readonly CheckResult[]
}

/** Failing rounds in a row, and altogether, that end a watch. */
const IN_A_ROW = 2
const ALTOGETHER = 3

/**
 * All checks again and again under traffic, for `watchMs` (at least once; without any time they are those of a pass, as the
 * last sweep was just before). One failed look may be noise, so it has to fail
 * in two rounds in a row, or in three altogether; and a watch never ends on a failing round. Never rejects.
 */
export async function watchRounds(
  x: RoundsInput & { readonly watchMs: number; readonly everyMs: number; readonly silence: Silence },
): Promise<Watched> {
  const look = looker(x, x.silence)
  const { clock, signal } = x.at
  const endMs = clock.monotonicMs() + x.watchMs
  let inRow = 0
  let altogether = 0
  for (;;) {
    const isLast = x.watchMs > 0 && clock.monotonicMs() + x.everyMs >= endMs
    const round = await look(isLast ? 'sweep' : 'pass')
    if (signal.aborted) return { ok: false, checks: cancelled(round) }
    inRow = round.clean ? 0 : inRow + 1
    altogether += round.clean ? 0 : 1
    if (inRow >= IN_A_ROW || altogether >= ALTOGETHER) return { ok: false, checks: round.checks }
    // A look may take longer than was left: whoever was watched at all has stood a sweep under traffic.
    const isSeen = isLast || x.watchMs === 0
    if (round.clean && isSeen && clock.monotonicMs() >= endMs) return { ok: true, checks: round.checks }
    if (!(await pause(x, x.everyMs))) return { ok: false, checks: cancelled(round) }
  }
}

/** false: cancelled meanwhile. */
async function pause(x: RoundsInput, ms: number): Promise<boolean> {
  return x.at.clock.sleep(ms, x.at.signal).then(
    () => true,
    () => false,
  )
}

/** Rejects once nothing more can be had from the host; ends with its signal. */
export type Silence = (signal: AbortSignal) => Promise<never>

/** Makes the function that does one round and remembers the one before. */
function looker(x: RoundsInput, silence?: Silence): (look: Look) => Promise<Round> {
  let before: Facts | undefined
  let number = 0
  return async (look) => {
    number += 1
    const isDue = (one: { readonly isSweepOnly?: true }) => look === 'sweep' || one.isSweepOnly !== true
    const [read, probed] = await untilSilent(x.at.signal, silence, (signal) =>
      Promise.all([readOrWhy(x, look, signal), runProbes(x.probes.filter(isDue), { ...x.at, signal })]),
    )
    const now = read instanceof Facts ? read : new Facts()
    const judged = askJudges([steady, ...x.judges.filter(isDue)], { baseline: x.baseline, before, now })
    const checks = worstById([...probed, ...judged, ...(read instanceof Facts ? [] : [unreadFacts(read.why)])])
    before = now
    const round: Round = { number, checks, facts: now, clean: shutters(checks).length === 0 }
    x.onRound(round)
    return round
  }
}

/** What has not been seen when the host falls silent is not waited for any longer: it is unknown. */
async function untilSilent<T>(
  signal: AbortSignal,
  silence: Silence | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (silence === undefined) return work(signal)
  const [silent, over] = [new AbortController(), new AbortController()]
  silence(AbortSignal.any([signal, over.signal])).catch((why: unknown) => {
    if (!over.signal.aborted) silent.abort(why)
  })
  try {
    return await work(AbortSignal.any([signal, silent.signal]))
  } finally {
    over.abort()
  }
}

const hasSweepOnly = (x: RoundsInput) => [...x.probes, ...x.judges].some((one) => one.isSweepOnly === true)

/** One result an id: two judges that could not read the same fact say so once, and the worse word stands. */
function worstById(checks: readonly CheckResult[]): readonly CheckResult[] {
  const byId = new Map<string, CheckResult>()
  for (const check of checks) {
    const known = byId.get(check.id)
    if (known === undefined || isWorse(check.outcome, known.outcome)) byId.set(check.id, check)
  }
  return [...byId.values()]
}

async function readOrWhy(x: RoundsInput, look: Look, signal: AbortSignal): Promise<Facts | { readonly why: string }> {
  try {
    return await abortable(x.readFacts(signal, look), signal)
  } catch (error) {
    return { why: whyOf(error) }
  }
}

/** Present only when the facts of a round could not be read at all: then nothing that judges skipped may look harmless. */
function unreadFacts(why: string): CheckResult {
  return {
    id: 'builtin:facts',
    kind: 'builtin',
    outcome: 'unknown',
    expected: 'the facts of the host are read',
    actual: why,
  }
}

function cancelled(round: Round): readonly CheckResult[] {
  const actual = `cancelled in round ${round.number}`
  return [
    ...round.checks,
    { id: 'builtin:rounds', kind: 'builtin', outcome: 'unknown', expected: 'all rounds end', actual },
  ]
}
