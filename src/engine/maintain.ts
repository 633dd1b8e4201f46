import type { Rebooted } from '../compare/builtin'
import type { GateDecision } from '../gate/gate'
import { armDeadMan } from '../host/dead-man'
import type { ShStep } from '../plan/step'
import { clean } from '../stages/clean'
import { drain } from '../stages/drain'
import { needsDrain } from '../stages/needs-drain'
import { update } from '../stages/update'
import { driversOf } from '../traffic/kinds'
import { readsAsBefore } from './as-before'
import type { EngineIo } from './engine-io'
import { finishLive, hold, restState } from './finish'
import { goLive } from './go-live'
import { type HostContext, stageInput } from './host-context'
import { ended, type HostEnd, isStuck, ruleOf, stuck } from './host-end'
import { leftPackagesAsTheyWere } from './left-as-it-was'
import { rollBack } from './roll-back'
import { runStage } from './stage-run'
import { describeEnd, type StepsEnd } from './steps-end'
import { stuckHost } from './stuck-host'
import { TrafficGuard } from './traffic-guard'
import { readTraffic } from './traffic-read'
import { undoAll } from './undo'
import { verifyHost } from './verify-host'

const TOUCHED = { touched: true } as const

/** drain to golive of one admitted host. Whatever happens, the host ends in a verdict (design 4.2). */
export async function maintain(x: HostContext, io: EngineIo): Promise<HostEnd> {
  const drained = await drainHost(x)
  if (drained !== null) return drained
  const work = await changeHost(x)
  if ('verdict' in work) return work
  return work.t === 'verify' ? verifyAndGo(x, io, work.reason) : failed(x, io, work.reason, work.rule)
}

type Worked =
  | { readonly t: 'verify'; readonly reason: string }
  | { readonly t: 'failed'; readonly reason: string; readonly rule: HostEnd['rule'] }

/** clean and update, with an eye on the traffic all the while. */
async function changeHost(x: HostContext): Promise<Worked | HostEnd> {
  await using guard = new TrafficGuard(x)
  guard.stage = 'clean'
  const cleaned = await runStage(x, clean, TOUCHED)
  if (isStuck(cleaned)) return stuckHost(x, 'clean', cleaned)
  if (cleaned.t !== 'ok') return { t: 'verify', reason: `not updated, as clean failed: ${describeEnd(cleaned)}` }
  guard.stage = 'update'
  await guard.look()
  const updated = await runStage(x, update, TOUCHED)
  if (isStuck(updated)) return stuckHost(x, 'update', updated)
  if (updated.t === 'failed' && updated.leftAsItWas === true)
    return { t: 'verify', reason: `not rebooted: ${describeEnd(updated)}` }
  if (await leftPackagesAsTheyWere(x, updated))
    return { t: 'verify', reason: `not updated, and nothing was changed: ${describeEnd(updated)}` }
  if (updated.t !== 'ok') return { t: 'failed', reason: `update: ${describeEnd(updated)}`, rule: ruleOf(updated) }
  await guard.look()
  return { t: 'verify', reason: 'verified' }
}

/**
 * Verified, with an eye on the traffic until the gate has decided: rounds may take minutes, and a balancer that forgot the
 * drain in them would leave users on a host whose gate stays shut (H36).
 */
export async function verifyWatched(x: HostContext, io: EngineIo, rebooted: Rebooted): Promise<GateDecision | HostEnd> {
  await using guard = new TrafficGuard(x)
  guard.stage = 'verify'
  const decision = await verifyHost(x, io, rebooted)
  if (!('verdict' in decision) && !decision.open) await guard.look()
  return decision
}

/** null: users are away (or need not be), go on. */
async function drainHost(x: HostContext): Promise<HostEnd | null> {
  // After monitor the plan of the host is final: what prepare and monitor read of pending work decides.
  const isNeeded = needsDrain(stageInput(x)).needed
  x.known.inView = !isNeeded
  const end = await runStage(
    x,
    drain,
    isNeeded ? { drained: true } : {},
    isNeeded && canBeUndoneLocally(x) ? { first: [armStep(x)] } : {},
  )
  if (end.t === 'ok') {
    const traffic = isNeeded && isTakenOut(x) ? ((await readTraffic(x)) ?? 'unknown') : null
    if (traffic !== null) x.tell({ type: 'traffic', state: traffic, act: 'drained' })
    return null
  }
  if (end.t === 'lost') return ended('unreachable', `in drain: ${end.why}`)
  if (end.t === 'cancelled') return ended(x.machine.state.drained ? 'held' : 'untouched', 'cancelled in drain')
  if (end.t === 'lease-lost') return stuck('drain', end)
  return putBack(x, `drain: ${describeEnd(end)}`, end)
}

/** Users of a host without driver and services stay where they are: it is not out of service, and has no downtime for it. */
function isTakenOut({ host }: HostContext): boolean {
  return host.stages.drain.traffic.length > 0 || host.stages.drain.services.length > 0
}

/**
 * A drain at a balancer or on the runner is none of the host's: a dead man there would find nothing to undo, and take the
 * host for put back. Such drains are undone by the next run (design 4.3).
 */
function canBeUndoneLocally(x: HostContext): boolean {
  return driversOf(stageInput(x)).every((driver) => driver.place === 'host')
}

/** The host itself undoes the drain when this run is gone before it changed anything (design 4.3). */
function armStep(x: HostContext): ShStep {
  const { stateDir, lockFile, rights } = x.machine
  return {
    do: 'sh',
    id: 'arm-dead-man',
    title: "Arm the dead man's timer",
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: 60_000,
    output: 'text',
    run: armDeadMan({ stateDir, lockFile, asRoot: rights === 'root' }),
  }
}

/** Newest undo first; only a host that reads back as before is untouched. */
async function putBack(x: HostContext, reason: string, end: StepsEnd): Promise<HostEnd> {
  const undone = await undoAll(x, 'drain')
  // The rest of the undo waits at a helper: the state stays as it is, so that the next run does it.
  if (undone.t === 'failed' && undone.unreached)
    return ended('held', `${reason}; and it could not be undone: ${describeEnd(undone)}`, ruleOf(end))
  const traffic = await readTraffic(x)
  if (traffic !== null) x.tell({ type: 'traffic', state: traffic, act: 'undrained' })
  const isPut = undone.t === 'ok' || (!isStuck(undone) && (await readsAsBefore(x)))
  if (!isPut) return hold(x, `${reason}; and it could not be undone: ${describeEnd(undone)}`, ruleOf(end))
  // A person who took the host out meanwhile is not overruled: out as before is as it was.
  const wasOut = end.t === 'failed' && end.rule?.value === 'out'
  if (traffic !== null && traffic !== 'in' && !wasOut)
    return hold(x, `${reason}; undone, but traffic reads ${traffic}`, ruleOf(end))
  // A disk that did not take the intent has nothing to take back.
  const unwritten = isNoted(x) ? await restState(x, 'drain') : null
  return unwritten === null
    ? { ...ended('untouched', `${reason}; ${putBackBy(undone)}`, ruleOf(end)), ...(wasOut ? { isOut: true } : {}) }
    : hold(x, `${reason}; ${unwritten}`)
}

/** The disk of the host says that it is, or may be, drained. */
function isNoted({ machine: { state } }: HostContext): boolean {
  return state.drained || state.touched || state.phase === 'drain'
}

const putBackBy = (undone: StepsEnd) =>
  undone.t === 'ok' ? 'what was done is undone' : `an undo failed (${describeEnd(undone)}), but all reads as before`

/** After an update or a verify that failed: rolled back where the file wants that and it is proved possible, else held. */
export async function failed(
  x: HostContext,
  io: EngineIo,
  reason: string,
  rule: HostEnd['rule'] = null,
): Promise<HostEnd> {
  if (x.host.rollout.on_failure === 'hold') return hold(x, reason, rule)
  const back = await rollBack(x)
  if (back.t !== 'ok')
    return isStuck(back)
      ? stuckHost(x, 'update', back)
      : hold(x, `${reason}; not rolled back: ${describeEnd(back)}`, rule)
  const decision = await verifyWatched(x, io, 'any')
  if ('verdict' in decision) return decision
  if (!decision.open) return hold(x, `${reason}; rolled back, and the gate is still shut: ${decision.reason}`, rule)
  return (await goLive(x, io, decision.gate, 'any')) ?? finishLive(x, 'rolled-back', `rolled back: ${reason}`)
}

/** Whether the host was rebooted since its baseline: by this run, maybe by the one it goes on with, or by nobody. */
function rebootedOf(x: HostContext): Rebooted {
  if (x.known.reboot.bootIdAfter !== null) return 'yes'
  return x.known.mayHaveRebooted ? 'any' : 'no'
}

export async function verifyAndGo(x: HostContext, io: EngineIo, reason: string): Promise<HostEnd> {
  const rebooted = rebootedOf(x)
  const decision = await verifyWatched(x, io, rebooted)
  if ('verdict' in decision) return decision
  if (!decision.open) return failed(x, io, `verify: ${decision.reason}`)
  return (await goLive(x, io, decision.gate, rebooted)) ?? finishLive(x, 'live', reason)
}
