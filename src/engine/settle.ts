import { readFacts } from '../facts/read'
import type { HostState } from '../host/state'
import { hostLeftovers } from '../services/leftovers'
import { readsAsBefore } from './as-before'
import type { Attached } from './attach'
import type { EngineIo } from './engine-io'
import { finishLive, hold, restState } from './finish'
import { goLive } from './go-live'
import { goOn, restOf } from './go-on'
import type { HostContext } from './host-context'
import { ended, type HostEnd, isStuck } from './host-end'
import { keepOut } from './keep-out'
import { verifyWatched } from './maintain'
import { ownPlan, withOwnPlan } from './own-plan'
import { describeEnd } from './steps-end'
import { takeStoredBaseline } from './stored-baseline'
import { readTraffic } from './traffic-read'
import { undoAll } from './undo'

/**
 * Finds out what an earlier run left, before anything new begins: a touched or held host is verified again and never
 * maintained in this run; a host that was only drained is put back as it was. null: nothing is left, go on.
 */
export async function settle(given: HostContext, io: EngineIo, attached: Attached | null): Promise<HostEnd | null> {
  const { state } = given.machine
  const isChanged = state.touched || state.phase === 'held'
  if (isChanged && io.onlyUndo)
    return ended('held', `cancelled in ${state.phase}: the next run or \`mode: recover\` verifies it again`)
  if (!isChanged && !state.drained && state.phase !== 'drain') return alreadyDone(given, io, state)
  const notes = await given.machine.readNotes(state.run, given.signal)
  // Without them nobody knows where else the host was taken out: what the file names today may not be all.
  if (notes === null) return ended('held', `what run ${state.run} noted of the host could not be read`)
  const planned = ownPlan(notes, given.host.name)
  const x = { ...given, host: withOwnPlan(given.host, planned) }
  if (!isChanged) return undoDrain(x, io, state)
  const rest = attached !== null && isOfState(attached, state) ? restOf(attached, planned) : null
  return rest === null ? recover(x, io, state) : goOn(x, io, notes, rest)
}

/** The program that was followed is the last word on the host: nobody has held it, or changed it, since. */
function isOfState({ note }: Attached, state: HostState): boolean {
  return state.run === note.run && state.phase === note.stage && state.touched
}

async function undoDrain(x: HostContext, io: EngineIo, state: HostState): Promise<HostEnd | null> {
  const end = await undoAll(x, 'drain')
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

/** A held host goes live only through the gate, against the baseline from before it was changed. */
async function recover(x: HostContext, io: EngineIo, state: HostState): Promise<HostEnd> {
  x.tell({
    type: 'settled',
    sentence: `run ${state.run} left the host ${state.phase === 'held' ? 'held' : `in ${state.phase}`}: it is verified again`,
  })
  const blind = await takeStoredBaseline(x)
  if (blind !== null) return blind
  const served = await keepOut(x)
  if (served !== null) return served
  const decision = await verifyWatched(x, io, 'any')
  if ('verdict' in decision) return decision
  if (!decision.open) return hold(x, `verified again, still shut: ${decision.reason}`)
  const end = await goLive(x, io, decision.gate, 'any')
  return end ?? finishLive(x, 'live', 'recovered')
}
