import { readFacts } from '../facts/read'
import type { HostState } from '../host/state'
import { hostLeftovers } from '../services/leftovers'
import { rolledBack } from '../stages/rollback'
import { ruleAt } from '../stages/rule'
import { readsAsBefore } from './as-before'
import type { EngineIo } from './engine-io'
import { finishLive, hold, restState } from './finish'
import { goLive } from './go-live'
import { goOn, recoveredAs } from './go-on'
import type { HostContext } from './host-context'
import { ended, type HostEnd, isStuck, stuck } from './host-end'
import { keepOut } from './keep-out'
import { verifyAndGo, verifyWatched } from './maintain'
import { whatIsGone } from './recovery/gone'
import { rollbackOf } from './recovery/judge'
import { type Progress, readProgress } from './recovery/progress'
import { takeUpResults } from './recovery/rest'
import { runPhase } from './stage-run'
import { describeEnd } from './steps-end'
import { takeStoredBaseline } from './stored-baseline'
import { readTraffic } from './traffic-read'
import { undoAll } from './undo'

/**
 * Finds out what an earlier run left, before anything new begins: a host that was changed is carried on to its verdict and
 * never maintained anew in this run; a host that was only drained is put back as it was. What its disk says selects what of
 * the file of today that is, and defines nothing (promise 6). null: nothing is left, go on.
 */
export async function settle(x: HostContext, io: EngineIo): Promise<HostEnd | null> {
  const { state } = x.machine
  const isChanged = state.touched || state.phase === 'held'
  if (isChanged && io.onlyUndo)
    return ended('held', `cancelled in ${state.phase}: the next run or \`mode: recover\` goes on with it`)
  if (!isChanged && !state.drained && state.phase !== 'drain') return alreadyDone(x, io, state)
  // Also where that cannot be read now: what this run notes must not stand for the beginning.
  x.known.goesOnWith = state.run
  const progress = await readProgress(x, state.run)
  // Nobody can go on with it, and users may have been let back meanwhile.
  if ('verdict' in progress)
    return isChanged && progress.verdict === 'held' ? ((await keepOut(x)) ?? progress) : progress
  x.known.goesOnWith = progress.last
  const foreign = whatIsGone(x, progress)
  if (!isChanged) return undoDrain(x, io, state, foreign)
  if (foreign !== null) return (await keepOut(x)) ?? hold(x, foreign, ruleAt(x.host, 'stages.drain.traffic', 'gone'))
  return recover(x, io, state, progress)
}

/** @param foreign why the host has to be held though all that can be undone is undone */
async function undoDrain(
  x: HostContext,
  io: EngineIo,
  state: HostState,
  foreign: string | null,
): Promise<HostEnd | null> {
  const end = await undoAll(x, 'drain')
  if (end.t === 'ok' && foreign !== null) return hold(x, foreign, ruleAt(x.host, 'stages.drain.traffic', 'gone'))
  if (end.t !== 'ok' && (isStuck(end) || !(await readsAsBefore(x)))) {
    const why = `run ${state.run} left the host drained, and it could not be put back: ${describeEnd(end)}`
    // Its undo waits at a helper that cannot be had now: the state stays as it is, so that the next run undoes it.
    return end.t === 'failed' && end.unreached ? ended('held', why) : hold(x, why)
  }
  const traffic = await readTraffic(x)
  const left = (await readFacts(x.machine, [hostLeftovers], x.signal, x.clock)).get(hostLeftovers)
  if (traffic === 'out' || traffic === 'unknown')
    return hold(x, `run ${state.run} left the host drained; after the undo traffic reads ${traffic}`)
  if (!left.ok)
    return hold(x, `run ${state.run} left the host drained; what is held there after the undo is unknown: ${left.why}`)
  if (left.value.some((l) => l.group.includes('.')))
    return hold(x, `run ${state.run} left services stopped that the undo did not start`)
  const unwritten = await restState(x, 'drain')
  if (unwritten !== null)
    return ended('held', `the drain of run ${state.run} is undone, but that could not be written down: ${unwritten}`)
  // What is maintained from here on is another plan.
  x.known.isPlanNoted = false
  x.known.goesOnWith = null
  x.tell({
    type: 'settled',
    sentence: `run ${state.run} had drained the host and ended; nothing was changed, so the drain was undone`,
  })
  return alreadyDone(x, io, state)
}

function alreadyDone(x: HostContext, io: EngineIo, state: HostState): HostEnd | null {
  const key = io.ledgerKey(x.host)
  if (key === null || state.ledger !== key || x.run.mode !== 'run') return null
  return ended(
    'untouched',
    `already done in this window: ${state.ledgerVerdict} on ${state.lastMaintained || state.since}`,
    { name: 'already-done', value: state.ledgerVerdict, line: x.host.window[0]?.line ?? null },
  )
}

/**
 * Against the baseline from before it was changed, and out of service all the while. What was begun is gone on with; a host
 * that was held waits for the gate alone, and so does one whose update is over.
 */
async function recover(x: HostContext, io: EngineIo, state: HostState, p: Progress): Promise<HostEnd> {
  const isRest = state.phase === 'clean' || state.phase === 'update'
  const what = p.parts !== null && isRest ? 'its maintenance goes on' : 'it is verified again'
  x.tell({
    type: 'settled',
    sentence: `run ${state.run} left the host ${state.phase === 'held' ? 'held' : `in ${state.phase}`}: ${what}`,
  })
  const blind = await takeStoredBaseline(x)
  if (blind !== null) return blind
  const served = await keepOut(x)
  if (served !== null) return served
  takeUpResults(x, p)
  x.known.mayHaveRebooted = true
  const back = state.phase === 'held' ? 'none' : rollbackOf(p)
  if (back === 'cut') return hold(x, `the rollback of run ${p.run} was cut, or failed: nobody knows how far it came`)
  if (back === 'done') return afterRollback(x, io, p)
  if (p.parts !== null && isRest) return goOn(x, io, p)
  const told = await recoveredAs(x, p)
  // A person has decided about a held host since: what is left out is a finding, and no part of its verdict (design 4.3).
  const reason = state.phase === 'held' ? 'recovered' : told
  // A verification that an earlier run did not end is the one of its update: where it fails, the file says what follows.
  if (p.parts !== null && state.phase === 'verify') return verifyAndGo(x, io, reason)
  return verifyAgain(x, io, 'live', reason)
}

/** Proved by what is installed; then the gate. */
async function afterRollback(x: HostContext, io: EngineIo, p: Progress): Promise<HostEnd> {
  const proved = await runPhase(x, 'update', rolledBack, { phase: 'update', touched: true })
  if (isStuck(proved)) return stuck('update', proved)
  if (proved.t !== 'ok') return hold(x, `run ${p.run} had rolled the host back: ${describeEnd(proved)}`)
  return verifyAgain(x, io, 'rolled-back', `recovered; run ${p.run} had rolled it back`)
}

async function verifyAgain(
  x: HostContext,
  io: EngineIo,
  verdict: 'live' | 'rolled-back',
  reason: string,
): Promise<HostEnd> {
  const decision = await verifyWatched(x, io, 'any')
  if ('verdict' in decision) return decision
  if (!decision.open) return hold(x, `verified again, still shut: ${decision.reason}`)
  const end = await goLive(x, io, decision.gate, 'any')
  return end ?? finishLive(x, verdict, reason)
}
