import { appStepId } from '../../apps/app-steps'
import { installedVersionsBefore, transactionOf } from '../../packages/facts'
import type { Phase, Stage } from '../../stages/stage'
import { update } from '../../stages/update'
import { type HostContext, stageInput } from '../host-context'
import { isApp } from '../program-note'
import type { Additions } from '../stage-run'
import { failureOf, isMainBegun, wasBegun } from './judge'
import type { Progress } from './progress'

/** The update of the file without what was begun of it. Repairs, reboot and restarts go by what is on the host now. */
export function restOfUpdate(x: HostContext, p: Progress): Stage {
  const isUpgraded = p.results.has('update/packages.upgrade')
  const isRebooted = p.results.get('update/reboot')?.outcome === 'done'
  const isOver = (phase: Phase) =>
    (isUpgraded && ['repair', 'packages'].includes(phase.name)) || (isRebooted && phase.name === 'reboot')
  const phases = update.phases.filter((phase) => !isOver(phase))
  return { name: 'update', phases: phases.map((phase) => (phase.name === 'apps' ? restOfApps(x, p, phase) : phase)) }
}

function restOfApps(x: HostContext, p: Progress, phase: Phase): Phase {
  return {
    ...phase,
    plan: (input) => {
      // Users were left where they are, as nothing was pending: what the file names since then waits for the next run.
      if (x.known.inView) return { steps: [] }
      const plan = phase.plan(input)
      return { ...plan, steps: plan.steps.filter((step) => !p.results.has(`update/${step.id}`)) }
    },
  }
}

/** Its hooks: those before the update have had their turn once it was begun. */
export function restOfHooks(p: Progress): Pick<Additions, 'isBegun'> {
  return {
    isBegun: (hook) => {
      if (hook.id.startsWith('before-') && isMainBegun(p)) return true
      return wasBegun(p, 'update', hook) || (!p.hasIntents && hook.place !== 'host')
    },
  }
}

/** The update as one that failed: only `after` hooks marked `always` are left of it. */
export function failedUpdate(p: Progress, reason: string): readonly [Stage, Additions] {
  const stop: Phase = { name: 'cut', plan: () => ({ steps: [], stop: { reason } }) }
  const { isBegun } = restOfHooks(p)
  return [
    { name: 'update', phases: [stop] },
    { isBegun: (hook) => hook.id.startsWith('before-') || isBegun?.(hook) === true },
  ]
}

/**
 * Why the update counts as failed; null: its rest can be done. An upgrade that was cut is judged by the versions that are
 * installed, where it is known which those should be.
 */
export function whyFailed(x: HostContext, p: Progress): string | null {
  const failure = failureOf(p, 'update', x.host.stages.update.after)
  if (failure !== null) return failure
  const upgrade = p.results.get('update/packages.upgrade')
  const { facts } = stageInput(x)
  if (upgrade?.outcome !== 'interrupted' || (transactionOf(facts).ok && facts.get(installedVersionsBefore).ok))
    return null
  return `the upgrade of run ${p.run} was cut, and what it was to install is not known`
}

/** What was begun, as the stages of this run are to see it. */
export function takeUpResults(x: HostContext, p: Progress): void {
  for (const [key, result] of p.results) x.known.results.set(key, result)
  x.known.facts = x.known.facts.with(p.facts)
  const key = 'update/packages.upgrade'
  const upgrade = p.results.get(key)
  // Cut or not: whether all of it is there, the versions that are installed prove next.
  if (upgrade?.outcome === 'interrupted') x.known.results.set(key, { ...upgrade, outcome: 'done' })
}

/** Applications that the run had noted and the file names no more; they were deployed, or not, and stay as they are. */
export function appsGone(x: HostContext, p: Progress): readonly string[] {
  const today = new Set(x.host.stages.update.apps.map(({ name }) => name))
  const gone = (p.parts ?? []).flat().filter((part) => part.kind === 'app' && !today.has(part.name))
  return [...new Set(gone.map(({ name }) => name))]
}

/** Deployed under a name that the file has no more: it says no way back. */
export function deployedAndGone(x: HostContext, p: Progress): readonly string[] {
  const known = new Set(x.host.stages.update.apps.flatMap((app) => appStepId(app)))
  const begun = [...p.results.keys()].map((key) => key.slice(key.indexOf('/') + 1)).filter(isApp)
  return begun
    .map((id) => id.replace(/\.(before|after|rollback)$/, ''))
    .filter((id, i, all) => !known.has(id) && all.indexOf(id) === i)
}
