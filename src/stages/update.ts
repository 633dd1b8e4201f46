import { appChanges, appSteps } from '../apps/app-steps'
import { blockInhibitors } from '../facts/block-inhibitors'
import { diskOf, disks } from '../facts/disks'
import { ok, type Result, unknown } from '../facts/fact'
import { newestKernel } from '../facts/newest-kernel'
import { rebootRequired } from '../facts/reboot-required'
import { bootImages } from '../packages/boot-images'
import { configurationFindings, failedForConfiguration } from '../packages/config-files'
import { explainShortage } from '../packages/explain-shortage'
import {
  installedVersions,
  installedVersionsBefore,
  leftConfiguration,
  leftConfigurationBefore,
  packageConsistency,
  packageManagerOf,
  transactionOf,
} from '../packages/facts'
import { enumerate } from '../packages/judge-transaction'
import { missingChanges, packageChanges, stillInstalled } from '../packages/package-changes'
import type { PackageManager, Transaction } from '../packages/package-manager'
import { selectedUpgrades } from '../packages/select-upgrades'
import { findShortage, unpackNeeds } from '../packages/space-need'
import { repairStep, upgradeStep } from '../packages/update-steps'
import { decideReboot } from '../reboot/decide-reboot'
import { rebootObstacles } from '../reboot/obstacles'
import { checkSshd, rebootStep, sshdCanBeAsked } from '../reboot/reboot-steps'
import { outdatedServices } from '../services/outdated'
import { leftOutdated, restartOutdated } from '../services/restart-outdated'
import { afterReboot, wasRebooted } from './after-reboot'
import type { Observation, Phase, PhasePlan, Stage, StageInput } from './stage'

const NOTHING: PhasePlan = { steps: [] }
const stop = (reason: string): PhasePlan => ({ steps: [], stop: { reason } })

/** The package manager of a host whose packages the file wants updated. */
function managerOf(x: StageInput): PackageManager | undefined {
  const manager = packageManagerOf(x.facts)
  return x.host.stages.update.packages !== 'none' && manager.ok ? (manager.value ?? undefined) : undefined
}

/** What prepare simulated; undefined: nothing is chosen. */
function transactionFor(x: StageInput): Transaction | undefined {
  const chosen = selectedUpgrades(x)
  const transaction = transactionOf(x.facts)
  if (managerOf(x) === undefined || !transaction.ok || (chosen.ok && chosen.value.length === 0)) return undefined
  const before = x.facts.get(installedVersionsBefore)
  return before.ok ? stillInstalled(transaction.value, before.value) : transaction.value
}

/** Read along with the first: they are asked again only where a repair came between. */
const factsBefore = (x: StageInput) =>
  managerOf(x) ? [packageConsistency, installedVersionsBefore, leftConfigurationBefore, disks, bootImages] : []
/** What decides on a reboot, and against it. */
const factsOfReboot = (x: StageInput) =>
  x.host.stages.update.reboot === 'never' ? [rebootRequired] : [rebootRequired, newestKernel, disks, blockInhibitors]

const repair: Phase = {
  name: 'repair',
  facts: factsBefore,
  plan: (x) => {
    const manager = managerOf(x)
    if (manager === undefined) return NOTHING
    const sound = x.facts.get(packageConsistency)
    if (!sound.ok) return stop(`Whether the packages are sound is unknown: ${sound.why}`)
    if (!sound.value.interrupted) return NOTHING
    // It restarts services, like any work on packages: what arose since the drain was decided is no reason to do so in view.
    return x.inView
      ? stop(
          `The package manager was interrupted since monitor (${enumerate(sound.value.problems)}), and users were not taken away, as nothing was pending then; finish it by hand`,
        )
      : { steps: [repairStep(x, manager)] }
  },
}

const packages: Phase = {
  name: 'packages',
  facts: factsBefore,
  plan: (x) => {
    const manager = managerOf(x)
    if (manager === undefined) return NOTHING
    const sound = x.facts.get(packageConsistency)
    if (!sound.ok) return stop(`Whether the packages are sound is unknown: ${sound.why}`)
    if (!sound.value.ok) return stop(`The packages are broken: ${enumerate(sound.value.problems)}; repair them by hand`)
    const transaction = transactionFor(x)
    if (transaction === undefined || transaction.upgrades.length === 0) return NOTHING
    if (!x.facts.get(installedVersionsBefore).ok)
      return stop('The installed versions are unknown, so the update could not be proved')
    const shortage = refuseSpace(x, transaction)
    return shortage === undefined ? { steps: [upgradeStep(x, manager, transaction)] } : { steps: [], notes: [shortage] }
  },
}

/**
 * Judged again after clean (H26): too little room skips the update, and verify goes on. Only what the update writes counts
 * now; what `space` asks for was judged before the backups and downloads of prepare took their part.
 */
function refuseSpace(x: StageInput, transaction: Transaction): Observation | undefined {
  if (x.host.stages.prepare.space === false) return undefined
  const all = x.facts.get(disks)
  const boot = x.facts.get(bootImages)
  const skipped = (reason: string): Observation => ({
    kind: 'finding',
    what: `No packages were updated: ${reason}`,
    severity: 'warn',
    advice: 'Make room on the host, or give the file system more of it',
  })
  if (!all.ok) return skipped(`the free space is unknown (${all.why})`)
  const shortage = findShortage(all.value, unpackNeeds(transaction, boot.ok ? boot.value : undefined), {})
  return shortage && skipped(explainShortage(x.host, shortage).reason)
}

const wasUpgraded = (x: StageInput) => x.results.get('update/packages.upgrade')?.outcome === 'done'

/** The real state after the update, not what was meant. */
const changes: Phase = {
  name: 'changes',
  triesLogin: (x) => x.inView !== true && x.host.stages.update.reboot !== 'never' && wasUpgraded(x),
  facts: (x) => [
    ...(managerOf(x) ? [installedVersions, leftConfiguration, packageConsistency] : []),
    ...factsOfReboot(x),
  ],
  plan: (x) => {
    const transaction = transactionFor(x)
    if (managerOf(x) === undefined || transaction === undefined || !wasUpgraded(x)) return NOTHING
    const before = x.facts.get(installedVersionsBefore)
    const after = x.facts.get(installedVersions)
    const sound = x.facts.get(packageConsistency)
    if (!before.ok || !after.ok || !sound.ok) return stop('The installed versions cannot be read after the update')
    const notes: Observation[] = [
      { kind: 'packages', changes: packageChanges(before.value, after.value, transaction.upgrades) },
      ...configurationFindings(x),
    ]
    if (!sound.value.ok)
      return { ...stop(`The update left broken packages: ${enumerate(sound.value.problems)}`), notes }
    const missing = missingChanges(after.value, transaction)
    if (missing.length > 0)
      return { ...stop(`Not at the planned version after the update: ${enumerate(missing)}`), notes }
    const asked = failedForConfiguration(x)
    return asked === undefined ? { steps: [], notes } : { ...stop(asked), notes }
  },
}

const skippedForSpace = (x: StageInput) => (transactionFor(x)?.upgrades.length ?? 0) > 0 && !wasUpgraded(x)

const apps: Phase = {
  name: 'apps',
  plan: (x) => ({ steps: skippedForSpace(x) && x.run.mode !== 'plan' ? [] : appSteps(x) }),
}

const appVersions: Phase = {
  name: 'app-versions',
  facts: factsOfReboot,
  plan: (x) => {
    const found = appChanges(x)
    return { steps: [], notes: found.length > 0 ? [{ kind: 'packages', changes: found }] : [] }
  },
}

/** Whether the obstacles to a reboot matter at all. */
function mayReboot(x: StageInput): boolean {
  const required = x.facts.get(rebootRequired)
  const { reboot } = x.host.stages.update
  return reboot === 'always' || (reboot === 'if-required' && required.ok && required.value.needed === 'yes')
}

const reboot: Phase = {
  name: 'reboot',
  facts: (x) => {
    const kernels = x.facts.get(newestKernel)
    if (!mayReboot(x) || !kernels.ok) return []
    return [rebootObstacles(kernels.value.running, kernels.value.newest), sshdCanBeAsked]
  },
  plan: (x) => {
    const decision = decideReboot(x.host.stages.update.reboot, x.facts.get(rebootRequired), obstacles(x))
    const notes: Observation[] = [{ kind: 'reboot', needed: decision.needed, why: decision.why }]
    if (decision.finding) notes.push({ kind: 'finding', ...decision.finding })
    const check = checkSshd('sshd.check', x.facts.or(sshdCanBeAsked, false))
    return { steps: decision.reboot ? [check, rebootStep(x)] : [], notes }
  },
}

/** Everything that stands against a reboot now, from the host's boot files to those who asked it to stay up. */
function obstacles(x: StageInput): Result<readonly string[]> {
  // A need that arose since then, or was unknown, is for the next run: it takes them away first.
  if (x.inView)
    return ok(['its users were not taken away, as nothing was pending before; the next run does that first'])
  if (x.rights === 'none') return unknown('the session has no root')
  const kernels = x.facts.get(newestKernel)
  if (!kernels.ok) return unknown(kernels.why)
  const found = x.facts.get(rebootObstacles(kernels.value.running, kernels.value.newest))
  const inhibitors = x.facts.get(blockInhibitors)
  const all = x.facts.get(disks)
  if (!found.ok) return found
  if (!inhibitors.ok) return unknown(inhibitors.why)
  if (!all.ok) return unknown(all.why)
  const full = (diskOf(all.value, '/boot')?.freeBytes ?? 0) < 1_000_000
  return ok([
    ...found.value,
    ...inhibitors.value.map((i) => `${i.who} asks the host to stay up (${i.why})`),
    ...(full ? ['the file system of /boot is full'] : []),
  ])
}

/** What still runs on the files of before. After a reboot there is nothing of the kind. */
const restart: Phase = {
  name: 'restart',
  facts: (x) => (wasUpgraded(x) && !wasRebooted(x) ? [outdatedServices] : []),
  plan: (x) => {
    if (!wasUpgraded(x) || wasRebooted(x)) return NOTHING
    const steps = restartOutdated(x)
    return { steps: steps.length > 0 ? [checkSshd('sshd.check-again'), ...steps] : [], notes: leftOutdated(x) }
  },
}

/** Exact versions, proved by the state before and after; one reboot at most, and only where the host will come back. */
export const update: Stage = {
  name: 'update',
  phases: [repair, packages, changes, apps, appVersions, reboot, afterReboot, restart],
}
