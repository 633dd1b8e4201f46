import type { CheckResult } from '../checks/check'
import { withJournal } from '../checks/journal/with-journal'
import type { Rebooted } from '../compare/builtin'
import { missingUpdates } from '../compare/security'
import { Facts, ok } from '../facts/fact'
import { readFacts } from '../facts/read'
import { isActive, units } from '../facts/units'
import { decideGate, type GateDecision, shutters } from '../gate/gate'
import { packageManagerId, upgradable } from '../packages/facts'
import type { StageName } from '../plan/step'
import { ACTOR_GROUP } from '../services/hold'
import { hostLeftovers } from '../services/leftovers'
import { type Verification, verify, verifyChecks } from '../stages/verify'
import type { EngineIo } from './engine-io'
import { type HostContext, isAsBefore } from './host-context'
import { ended, type HostEnd, isStuck, stuck } from './host-end'
import { type RoundsInput, verifyRounds } from './rounds'
import { runStage } from './stage-run'
import { describeEnd, type StepsEnd } from './steps-end'

const JOURNALS_MS = 20_000
/** The journal is asked by whole seconds. */
const A_SECOND = 1

/** Services started behind the drain, then rounds of checks, then the gate's decision; a verdict where it cannot be asked. */
export async function verifyHost(x: HostContext, io: EngineIo, rebooted: Rebooted): Promise<GateDecision | HostEnd> {
  let decision: GateDecision = { open: false, reason: 'nothing was checked' }
  // A shut gate is a stage that failed: its `after` hooks are for one that succeeded.
  const core = async (): Promise<StepsEnd> => {
    const verification = verificationOf(x, rebooted)
    const checks = await runRounds(x, io, verification)
    if (x.signal.aborted) return { t: 'cancelled' }
    decision = decideGate(checks, { host: x.host.name, run: x.run.id, required: verification.required })
    return decision.open ? { t: 'ok' } : { t: 'failed', step: 'gate', reason: decision.reason }
  }
  const end = await runStage(x, verify, { touched: true }, { core })
  if (isStuck(end)) {
    return end.t === 'cancelled' && isAsBefore(x) ? ended('untouched', 'cancelled in verify') : stuck('verify', end)
  }
  if (end.t !== 'ok') decision = { open: false, reason: describeEnd(end) }
  x.tell({ type: 'gate', open: decision.open, reason: decision.reason })
  return decision
}

/** All checks in rounds, as the file's `retry` says; every result is told. */
export async function runRounds(
  x: HostContext,
  io: EngineIo,
  verification: Verification,
): Promise<readonly CheckResult[]> {
  const { retry } = x.host.stages.verify
  const times = { forMs: retry.for, everyMs: retry.every, passes: retry.passes }
  const began = x.known.admittedAtMs ?? x.clock.monotonicMs()
  const missing = missingSecurityUpdates(x)
  const rounds = await verifyRounds({ ...roundsInput(x, io, verification, 'verify'), retry: times })
  const checks = await withJournals(x, [...rounds, ...(await missing)], began)
  for (const check of checks)
    x.tell({ type: 'observed', stage: 'verify', what: { kind: 'check', when: 'verify', check } })
  x.tell({ type: 'facts', when: 'after', facts: x.known.facts.toJSON() })
  return checks
}

/** For whoever looks at a gate that stays shut: read once, and never waited for long. It decides nothing. */
function withJournals(
  x: HostContext,
  checks: readonly CheckResult[],
  beganMs: number,
): Promise<readonly CheckResult[]> {
  const signal = AbortSignal.any([x.signal, AbortSignal.timeout(JOURNALS_MS)])
  return withJournal(checks, {
    ask: (questions) => x.machine.ask(questions, signal),
    mask: x.mask,
    baseline: x.known.baseline,
    now: x.known.facts,
    seconds: (x.clock.monotonicMs() - beganMs) / 1_000 + A_SECOND,
  })
}

/** Asked once, beside the rounds: the package manager's simulation is slow, and the answer is a warning at worst. */
async function missingSecurityUpdates(x: HostContext): Promise<readonly CheckResult[]> {
  if (!x.host.stages.verify.security) return []
  const facts = await readFacts(x.machine, [packageManagerId, upgradable], x.signal, x.clock).catch(() => new Facts())
  const manager = facts.get(packageManagerId)
  if (!manager.ok || manager.value === null) return []
  const pending = facts.get(upgradable)
  const count = pending.ok ? ok(pending.value.upgrades.filter((u) => u.securityVersion !== null).length) : pending
  return [missingUpdates(count)]
}

/** Units that this run has paused are no news to compare. */
export function verificationOf(x: HostContext, rebooted: Rebooted): Verification {
  const pausedUnits = x.known.facts
    .or(hostLeftovers, [])
    .filter((l) => l.group === ACTOR_GROUP)
    .map((l) => l.unit)
  const activeBefore = (x.known.baseline?.or(units, []) ?? []).filter(isActive).map((unit) => unit.id)
  return verifyChecks({ host: x.host, runId: x.run.id, rebooted, pausedUnits, activeBefore })
}

/** What verify and the watch of golive look at: the same checks. */
export function roundsInput(x: HostContext, io: EngineIo, verification: Verification, stage: StageName): RoundsInput {
  return {
    at: { remote: x.machine, runner: io.network, place: x.place, host: x.host, signal: x.signal, clock: x.clock },
    baseline: x.known.baseline,
    readFacts: async (signal, look) => {
      const facts = await readFacts(x.machine, verification.facts[look], signal, x.clock)
      x.known.facts = x.known.facts.with(facts)
      return facts
    },
    probes: verification.probes,
    judges: verification.judges,
    onRound: ({ number, checks }) =>
      x.tell({ type: 'round', stage, number, failing: shutters(checks).map((c) => c.id), of: checks.length }),
  }
}
