import type { HostConfig } from '../config/schema'
import { freshKnowledge, type HostContext, stageInput } from '../engine/host-context'
import { baselineFacts } from '../facts/baseline'
import { readFacts } from '../facts/read'
import { rebootRequired } from '../facts/reboot-required'
import type { Machine } from '../host/machine'
import { packageListsAge, packageManagerId, upgradable } from '../packages/facts'
import { selectedUpgrades } from '../packages/select-upgrades'
import type { PlannedHost, PlannedStep, PlannedStop } from '../plan/plan'
import { inputWord } from '../show/input-words'
import { clean } from '../stages/clean'
import { drain } from '../stages/drain'
import { monitor } from '../stages/monitor'
import { needsDrain } from '../stages/needs-drain'
import { prepare } from '../stages/prepare'
import { ruleAt } from '../stages/rule'
import type { PackageChange, Stage, StageInput } from '../stages/stage'
import { update } from '../stages/update'
import { verify } from '../stages/verify'
import { tryChecks } from './foresight/checks'
import { reachHelpers } from './foresight/helpers'
import { findServices } from './foresight/services'
import { lookAtShells } from './foresight/shells'
import type { Sight } from './foresight/sight'
import { findDiscs } from './foresight/sources'
import { plannedGolive, plannedHooks, plannedStep } from './foresight/steps'
import { readTrafficStates } from './foresight/traffic'

type Foreseen = Omit<
  PlannedHost,
  'contacted' | 'why' | 'remedy' | 'unreachable' | 'name' | 'address' | 'group' | 'line' | 'wave' | 'isolation'
>

/** Reads what stages plan from, and lets them plan; no step is carried out, so what depends on a step's result is missing. */
export async function foresee(host: HostConfig, machine: Machine, sight: Sight): Promise<Foreseen> {
  const x = lookingContext(host, machine, sight)
  // The session of a plan goes on without root where sudo asks for a password: a run would have it.
  const asRoot = host.become !== 'sudo' || machine.rights === 'root'
  const input = (): StageInput => (asRoot ? stageInput(x) : { ...stageInput(x), rights: 'root' })
  x.known.facts = await readFacts(
    machine,
    [...baselineFacts, packageManagerId, upgradable, packageListsAge],
    x.signal,
    x.clock,
  )
  x.known.baseline = x.known.facts
  const planned = { steps: [] as PlannedStep[], stops: [] as PlannedStop[] }
  for (const stage of [prepare, monitor, drain, clean, update, verify]) await foreseeStage(x, stage, input, planned)
  planned.steps.push(...plannedGolive(x, input()))
  const found = [
    await findServices(x, input),
    await findDiscs(x),
    await reachHelpers(x, planned.steps),
    await readTrafficStates(x, input(), sight),
    await tryChecks(x, sight.io),
    await lookAtShells(x, sight),
  ]
  const reboot = x.known.facts.get(rebootRequired)
  const own = asRoot ? planned.stops : rootless(host, sight)
  return {
    packages: pendingOf(input()),
    listsAgeSeconds: x.known.facts.or(packageListsAge, null),
    reboot: reboot.ok ? reboot.value.needed : 'unknown',
    drain: needsDrain(input()),
    steps: planned.steps,
    stops: eachOnce([...sight.missingSecrets(host), ...own, ...found.flatMap(({ stops }) => stops)]),
    notes: found.flatMap(({ notes }) => notes),
    notAsRoot: asRoot ? null : NOT_AS_ROOT,
    cannotBeUndone: cannotBeUndone(host, planned.steps),
  }
}

const NOT_AS_ROOT = 'sudo asks for a password, which a plan never sends: what only root sees is unknown'

/** What was read without root stops nobody: a run reads it as root. Without a password it would not get that far. */
function rootless(host: HostConfig, { hasSudoPassword }: Sight): readonly PlannedStop[] {
  if (hasSudoPassword) return []
  const reason = `sudo asks for a password (or is refused), and no sudo-password was given. Allow \`sudo -n\` for this user, or give ${inputWord('sudoPassword')}`
  return [{ stage: 'prepare', reason, rule: ruleAt(host, `hosts.${host.name}.become`, 'sudo') }]
}

function eachOnce(stops: readonly PlannedStop[]): readonly PlannedStop[] {
  return [...new Map(stops.toReversed().map((stop) => [stop.reason, stop])).values()].toReversed()
}

function lookingContext(host: HostConfig, machine: Machine, { io, place }: Sight): HostContext {
  return {
    host,
    machine,
    place: async (at) => (at === 'host' ? machine : place(at)),
    clock: io.clock,
    signal: io.signal,
    tell: () => undefined,
    run: { ...io.run, mode: 'plan' },
    mask: io.mask,
    mayBegin: () => 'a plan changes nothing',
    ledgerKey: () => null,
    known: freshKnowledge(),
  }
}

async function foreseeStage(
  x: HostContext,
  stage: Stage,
  input: () => StageInput,
  to: { readonly steps: PlannedStep[]; readonly stops: PlannedStop[] },
): Promise<void> {
  const { name } = stage
  to.steps.push(...plannedHooks(x, name, 'before'))
  for (const phase of stage.phases) {
    const wanted = phase.facts?.(input()) ?? []
    if (wanted.length > 0) x.known.facts = x.known.facts.with(await readFacts(x.machine, wanted, x.signal, x.clock))
    const plan = phase.plan(input())
    to.steps.push(...plan.steps.map((s) => plannedStep(name, s)))
    if (plan.stop) to.stops.push({ stage: name, reason: plan.stop.reason, rule: plan.stop.rule ?? null })
  }
  to.steps.push(...plannedHooks(x, name, 'after'))
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
