import { readFacts } from '../facts/read'
import { rebootRequired } from '../facts/reboot-required'
import { packageConsistency, transactionOf } from '../packages/facts'
import { refuseTransaction } from '../packages/judge-transaction'
import { clean } from '../stages/clean'
import { needsDrain } from '../stages/needs-drain'
import type { Stage } from '../stages/stage'
import type { EngineIo } from './engine-io'
import { hold } from './finish'
import type { HostContext } from './host-context'
import { type HostEnd, isStuck, ruleOf, stuck } from './host-end'
import { failed, verifyAndGo } from './maintain'
import { failureOf, isMainBegun, isStageBegun, wasBegun } from './recovery/judge'
import { leftOut } from './recovery/left-out'
import type { Progress } from './recovery/progress'
import { deployedAndGone, failedUpdate, restOfHooks, restOfUpdate, whyFailed } from './recovery/rest'
import { type Additions, runStage } from './stage-run'
import { describeEnd, type StepsEnd } from './steps-end'
import { TrafficGuard } from './traffic-guard'

/** A plan that is older is made anew (H14). */
const OLDEST_S = 86_400

/**
 * The rest of clean and update of a host that an earlier run has begun to change, by the file of today; verify, go-live. The
 * host was admitted then, and is carried to its verdict. Only what nobody has begun yet, and users would notice, waits for
 * the window, and is left out where that is shut or the plan is old.
 */
export async function goOn(x: HostContext, io: EngineIo, p: Progress): Promise<HostEnd> {
  const y: HostContext = { ...x, runDir: `${x.machine.stateDir}/runs/${p.run}` }
  y.known.inView = !x.machine.state.drained
  const why = whyFailed(y, p)
  if (why !== null) return giveUp(y, io, p, `update: ${why}`)
  const barred = isMainBegun(p) ? null : await whyNotBegin(y, io, p)
  const updated = barred === null ? await doRest(y, p) : await leave(y, p, barred)
  if (isStuck(updated)) return stuck('update', updated)
  if (updated.t !== 'ok') return failed(y, io, `update: ${describeEnd(updated)}`, ruleOf(updated))
  return verifyAndGo(y, io, await recoveredAs(y, p))
}

/** The update failed in the run that began it, or nobody knows what a part of it did: the file says what follows. */
async function giveUp(x: HostContext, io: EngineIo, p: Progress, why: string): Promise<HostEnd> {
  const end = await guarded(x, ...failedUpdate(p, why))
  if (isStuck(end)) return stuck('update', end)
  const gone = deployedAndGone(x, p)
  if (gone.length > 0) return hold(x, `${why}; ${x.run.file} no longer says how ${gone.join(', ')} goes back`)
  return failed(x, io, why)
}

async function doRest(x: HostContext, p: Progress): Promise<StepsEnd> {
  const isCleaning = !isStageBegun(p, 'update')
  if (isCleaning) {
    const isBegun: Additions['isBegun'] = (hook) => wasBegun(p, 'clean', hook)
    const cleaned = await guarded(x, clean, { isBegun })
    if (isStuck(cleaned)) return cleaned
    // As in any maintenance: no update then, and the host is verified as it is.
    if (cleaned.t !== 'ok') return { t: 'ok' }
  }
  return guarded(x, restOfUpdate(x, p), restOfHooks(p))
}

/** The update is not begun; what hooks before it have begun, those that come after it in any case end. */
async function leave(x: HostContext, p: Progress, why: string): Promise<StepsEnd> {
  x.tell({ type: 'warning', sentence: `what run ${p.run} had not begun is left out: ${why}` })
  if (!isStageBegun(p, 'update')) return { t: 'ok' }
  const end = await guarded(x, ...failedUpdate(p, why))
  return isStuck(end) ? end : { t: 'ok' }
}

/** One sentence; null: what was not begun may be begun now. */
async function whyNotBegin(x: HostContext, io: EngineIo, p: Progress): Promise<string | null> {
  const uncleaned = isStageBegun(p, 'update') ? null : failureOf(p, 'clean', x.host.stages.clean.after)
  if (uncleaned !== null) return `clean failed: ${uncleaned}`
  const barred = io.barred(x.host)
  if (barred !== null) return barred
  if (p.ageS === null) return 'it is not known how long ago it was planned'
  if (p.ageS > OLDEST_S) return `it was planned ${Math.round(p.ageS / 3_600)} hours ago`
  const transaction = transactionOf(x.known.facts)
  const refused = transaction.ok ? refuseTransaction(transaction.value, x.host.stages.update) : undefined
  if (refused !== undefined) return refused.reason
  if (!x.known.inView) return null
  const facts = await readFacts(x.machine, [packageConsistency, rebootRequired], x.signal, x.clock)
  const need = needsDrain({ host: x.host, facts: x.known.facts.with(facts) })
  return need.needed ? `its users were not taken away, and ${need.why}` : null
}

async function guarded(x: HostContext, stage: Stage, add: Additions): Promise<StepsEnd> {
  await using guard = new TrafficGuard(x)
  guard.stage = stage.name
  await guard.look()
  return runStage(x, stage, { touched: true }, add)
}

/** Why the host is live, with everything that is left out of its plan: it is told, and stands in the reason. */
export async function recoveredAs(x: HostContext, p: Progress): Promise<string> {
  const left = p.parts === null ? [`whatever run ${p.run} had not done`] : await leftOut(x, p)
  x.known.leftOut = left
  if (left.length === 0) return 'recovered'
  const what =
    p.parts === null ? `what run ${p.run} left undone is not known: it noted nothing` : `left out: ${left.join(', ')}`
  const advice = 'The next maintenance does it; start a run to have it sooner.'
  x.tell({
    type: 'observed',
    stage: 'update',
    what: { kind: 'finding', what: `Recovered; ${what}`, severity: 'warn', advice },
  })
  return `recovered; ${what}`
}
