import type { HostConfig } from '../config/schema'
import type { EngineIo } from '../engine/engine-io'
import { freshKnowledge, type HostContext, stageInput } from '../engine/host-context'
import { baselineFacts } from '../facts/baseline'
import { readFacts } from '../facts/read'
import { rebootRequired } from '../facts/reboot-required'
import type { Machine } from '../host/machine'
import { packageListsAge, packageManagerId, upgradable } from '../packages/facts'
import { selectedUpgrades } from '../packages/select-upgrades'
import type { PlannedHost, PlannedStep } from '../plan/plan'
import type { StageName, Step } from '../plan/step'
import { clean } from '../stages/clean'
import { drain } from '../stages/drain'
import { monitor } from '../stages/monitor'
import { needsDrain } from '../stages/needs-drain'
import { prepare } from '../stages/prepare'
import type { PackageChange, Stage, StageInput } from '../stages/stage'
import { update } from '../stages/update'
import { verify } from '../stages/verify'

type Foreseen = Omit<PlannedHost, 'contacted' | 'why' | 'name' | 'address' | 'group' | 'line' | 'wave' | 'isolation'>

/** Reads what stages plan from, and lets them plan; no step is carried out, so what depends on a step's result is missing. */
export async function foresee(host: HostConfig, machine: Machine, io: EngineIo): Promise<Foreseen> {
  const x = lookingContext(host, machine, io)
  x.known.facts = await readFacts(
    machine,
    [...baselineFacts, packageManagerId, upgradable, packageListsAge],
    io.signal,
    io.clock,
  )
  x.known.baseline = x.known.facts
  const steps: PlannedStep[] = []
  const stops: { stage: StageName; reason: string }[] = []
  for (const stage of [prepare, monitor, drain, clean, update, verify]) await foreseeStage(x, stage, steps, stops)
  const input = stageInput(x)
  const reboot = x.known.facts.get(rebootRequired)
  return {
    packages: pendingOf(input),
    listsAgeSeconds: x.known.facts.or(packageListsAge, null),
    reboot: reboot.ok ? reboot.value.needed : 'unknown',
    drain: needsDrain(input),
    steps,
    stops,
    cannotBeUndone: cannotBeUndone(host, steps),
  }
}

function lookingContext(host: HostConfig, machine: Machine, io: EngineIo): HostContext {
  return {
    host,
    machine,
    place: async () => machine,
    clock: io.clock,
    signal: io.signal,
    tell: () => undefined,
    run: { ...io.run, mode: 'plan' },
    mayBegin: () => 'a plan changes nothing',
    ledgerKey: () => null,
    known: freshKnowledge(),
  }
}

async function foreseeStage(
  x: HostContext,
  stage: Stage,
  steps: PlannedStep[],
  stops: { stage: StageName; reason: string }[],
): Promise<void> {
  for (const phase of stage.phases) {
    const wanted = phase.facts?.(stageInput(x)) ?? []
    if (wanted.length > 0) x.known.facts = x.known.facts.with(await readFacts(x.machine, wanted, x.signal, x.clock))
    const plan = phase.plan(stageInput(x))
    steps.push(...plan.steps.map((s) => planned(stage.name, s)))
    if (plan.stop) stops.push({ stage: stage.name, reason: plan.stop.reason })
  }
}

function planned(stage: StageName, step: Step): PlannedStep {
  const undo = step.do === 'sh' && step.undo ? (step.undo.onDeadMan ? 'dead-man' : 'runner') : null
  const { id, title, place, disruptive, changes } = step
  return { stage, id, title, place, disruptive, changes, undo }
}

/** The file's choice among what the package manager's own simulation says; null: unknown. */
function pendingOf(x: StageInput): readonly PackageChange[] | null {
  const chosen = selectedUpgrades(x)
  const all = x.facts.get(upgradable)
  if (!chosen.ok || !all.ok) return null
  const byName = new Map(all.value.upgrades.map((u) => [u.name, u]))
  return chosen.value.map(({ name, version }) => ({
    name,
    from: byName.get(name)?.from ?? null,
    to: version,
    security: byName.get(name)?.securityVersion != null,
  }))
}

function cannotBeUndone(host: HostConfig, steps: readonly PlannedStep[]): readonly string[] {
  const apps = host.stages.update.apps
    .filter((a) => !a.reversible || a.rollback === undefined)
    .map((a) => `the update of ${a.name}`)
  const changing = steps.filter((s) => s.changes && s.undo === null && (s.stage === 'clean' || s.stage === 'update'))
  return [...apps, ...changing.map((s) => s.title)]
}
