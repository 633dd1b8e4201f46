import { type App, appRollbackStep, appStepId } from '../apps/app-steps'
import type { Fact } from '../facts/fact'
import { replacedByUpdate } from '../packages/config-files'
import {
  installedVersions,
  installedVersionsBefore,
  leftConfiguration,
  packageConsistency,
  packageManagerOf,
  transactionOf,
} from '../packages/facts'
import { enumerate } from '../packages/judge-transaction'
import { keptFolder, keptFor, parseKept } from '../packages/kept-packages'
import { neverRolledBack } from '../packages/never-rolled-back'
import { packageChanges } from '../packages/package-changes'
import type { ChosenUpgrade } from '../packages/package-manager'
import { packageStep } from '../packages/prepare-steps'
import type { ShStep } from '../plan/step'
import { lines, sh } from '../shell/sh'
import type { PackageChange, Phase, StageInput } from './stage'

/** `steps` may be empty: then the update changed nothing, and the host is as it was. */
export type RollbackPlan =
  | { readonly possible: true; readonly steps: readonly ShStep[] }
  | { readonly possible: false; readonly reason: string }

const impossible = (reason: string): RollbackPlan => ({ possible: false, reason })

/** Read fresh before `planRollback`: what is installed now decides, not what the journal says. */
function rollbackFacts(x: StageInput): readonly Fact<unknown>[] {
  return x.facts.get(installedVersionsBefore).ok ? [installedVersions, leftConfiguration] : []
}

/**
 * The way back to the versions before the update, or why there is none. Only what `prepare` proved reversible goes back,
 * all of it or nothing: a host that is half on old versions was never tested by anybody.
 */
export function planRollback(x: StageInput): RollbackPlan {
  const apps = planApps(x)
  if (!apps.possible) return apps
  const packages = planPackages(x)
  return packages.possible ? { possible: true, steps: [...apps.steps, ...packages.steps] } : packages
}

/** Applications that were begun, the last one first. */
function planApps(x: StageInput): RollbackPlan {
  const begun = x.host.stages.update.apps.filter((app) => x.results.has(`update/${appStepId(app)}`))
  const steps: ShStep[] = []
  for (const app of begun.toReversed()) {
    const reason = whyAppStays(x, app)
    if (reason !== undefined || app.rollback === undefined)
      return impossible(reason ?? `${app.name} has no "rollback" command`)
    steps.push(appRollbackStep(x, app, app.rollback))
  }
  return { possible: true, steps }
}

function whyAppStays(x: StageInput, app: App): string | undefined {
  if (!app.reversible) return `${app.name} is declared "reversible: false"`
  if (x.results.get(`update/${appStepId(app)}`)?.outcome === 'interrupted')
    return `the update of ${app.name} was cut in the middle, so its state is unknown`
  return undefined
}

function planPackages(x: StageInput): RollbackPlan {
  const result = x.results.get('update/packages.upgrade')
  if (result === undefined) return { possible: true, steps: [] }
  const transaction = transactionOf(x.facts)
  const before = x.facts.get(installedVersionsBefore)
  const after = x.facts.get(installedVersions)
  if (!transaction.ok || !before.ok || !after.ok)
    return impossible('the versions before and after the update are not both known')
  const changed = packageChanges(before.value, after.value, transaction.value.upgrades)
  if (changed.length === 0) return { possible: true, steps: [] }
  return goBack(x, changed, transaction.value.upgrades, transaction.value.automatic)
}

function goBack(
  x: StageInput,
  changed: readonly PackageChange[],
  planned: readonly ChosenUpgrade[],
  automatic: readonly string[],
): RollbackPlan {
  const manager = packageManagerOf(x.facts)
  if (!manager.ok || manager.value === null) return impossible('the package manager of the host is unknown')
  const fixed = changed.map((c) => c.name).filter(neverRolledBack)
  if (fixed.length > 0)
    return impossible(`${enumerate(fixed)} changed; kernels, libc and databases never go back by themselves`)
  const removed = changed.filter((c) => c.to === null).map((c) => c.name)
  if (removed.length > 0) return impossible(`the update removed ${enumerate(removed)}`)
  const replaced = changed.filter((c) => c.from !== null)
  const kept = parseKept(x.results.get('prepare/packages.keep'))
  const files = replaced.map((c) => {
    const upgrade = planned.find((u) => u.name === c.name && u.from === c.from)
    return { name: c.name, file: upgrade === undefined ? undefined : keptFor(upgrade, kept)?.file }
  })
  const without = files.filter((f) => f.file === undefined).map((f) => f.name)
  if (without.length > 0) return impossible(`prepare could not keep the earlier version of ${enumerate(without)}`)
  if (files.length === 0) return { possible: true, steps: [] }
  const configuration = replacedByUpdate(x)
  if (configuration === undefined) return impossible('which configuration files the update replaced is unknown')
  const debs = files.flatMap((f) => (f.file === undefined ? [] : [f.file]))
  const marks = files.map((f) => f.name).filter((name) => automatic.includes(name))
  const step = packageStep(x, manager.value, {
    id: 'packages.rollback',
    title: `Return ${files.length} packages to the versions before the update`,
    // In place before the packages: dpkg keeps them as changed, and what its scripts restart reads them.
    run: lines(
      ...configuration.map(({ from, to }) => sh`[ ! -f ${from} ] || mv -fT -- ${from} ${to} || exit`),
      manager.value.rollback(keptFolder(x.runDir), debs, marks, x.host.stages.update.lock_wait),
    ),
    disruptive: true,
  })
  return { possible: true, steps: [step] }
}

/** That a rollback came to its end, by what is installed. */
export const rolledBack: Phase = {
  name: 'rolled-back',
  facts: (x) => (x.results.has('update/packages.rollback') ? [installedVersions, packageConsistency] : []),
  plan: proveRollback,
}

/** The rollback as phases: what is installed now is read, the way back taken, and its end proved by the real state. */
export const rollbackPhases: readonly Phase[] = [
  {
    name: 'rollback',
    facts: rollbackFacts,
    plan: (x) => {
      const plan = planRollback(x)
      return plan.possible ? { steps: plan.steps } : { steps: [], stop: { reason: `No rollback: ${plan.reason}` } }
    },
  },
  rolledBack,
]

function proveRollback(x: StageInput): ReturnType<Phase['plan']> {
  if (!x.results.has('update/packages.rollback')) return { steps: [] }
  const before = x.facts.get(installedVersionsBefore)
  const now = x.facts.get(installedVersions)
  const sound = x.facts.get(packageConsistency)
  const stop = (reason: string) => ({ steps: [], stop: { reason } })
  if (!before.ok || !now.ok || !sound.ok) return stop('The installed versions cannot be read after the rollback')
  const left = packageChanges(before.value, now.value, []).filter((c) => c.from !== null)
  if (left.length > 0) return stop(`Not back at the earlier version: ${enumerate(left.map((c) => c.name))}`)
  if (!sound.value.ok) return stop(`The rollback left broken packages: ${enumerate(sound.value.problems)}`)
  return { steps: [], notes: [{ kind: 'packages', changes: takenBack(x) }] }
}

/** From the new version to the one before, as far as the update was reported at all. */
function takenBack(x: StageInput): readonly PackageChange[] {
  const transaction = transactionOf(x.facts)
  if (!transaction.ok || x.results.get('update/packages.upgrade')?.outcome !== 'done') return []
  return transaction.value.upgrades
    .filter((u) => u.from !== null)
    .map(({ name, from, to, security }) => ({ name, from: to, to: from, security }))
}
