import type { Backup } from '../backups/backup'
import { backupsOf } from '../backups/backups'
import { cleanFrees, cleanFreesFacts } from '../clean/cleanable'
import { disks } from '../facts/disks'
import type { Fact } from '../facts/fact'
import { standingFindings } from '../facts/standing-findings'
import { bootImages } from '../packages/boot-images'
import { askedFacts, heldForConfiguration } from '../packages/config-files'
import { describeLock } from '../packages/describe-lock'
import { explainShortage } from '../packages/explain-shortage'
import {
  packageConsistency,
  packageListsAge,
  packageLock,
  packageManagerId,
  packageManagerOf,
  transactionFact,
  transactionOf,
  upgradable,
} from '../packages/facts'
import { irreversible } from '../packages/irreversible'
import { refuseTransaction } from '../packages/judge-transaction'
import { packageFolder } from '../packages/kept-packages'
import { plannedChanges } from '../packages/package-changes'
import { downloadSteps, lockWait, refreshStep } from '../packages/prepare-steps'
import { selectedUpgrades } from '../packages/select-upgrades'
import { downloadNeed, findShortage, type SpaceNeed, unpackNeeds } from '../packages/space-need'
import { bashElsewhere, bashFacts, refuseWithoutBash } from './bash'
import { ruleAt } from './rule'
import type { Observation, Phase, PhasePlan, Stage, StageInput } from './stage'
import { stateDirOf } from './state-dir'

const NOTHING: PhasePlan = { steps: [] }
const updates = (x: StageInput) => x.host.stages.update.packages !== 'none'

function stop(x: StageInput, reason: string, path: string, value: string | number): PhasePlan {
  return { steps: [], stop: { reason, rule: ruleAt(x.host, path, value) } }
}

/** Rights and a package manager that is sound: without them nothing begins. */
const access: Phase = {
  name: 'access',
  // What the next phase decides from is asked along: it is read again only where a step came between.
  facts: (x) => [
    ...(updates(x) ? [packageManagerId, packageConsistency, ...lockFacts(x)] : [packageManagerId]),
    ...bashFacts(x),
    standingFindings(stateDirOf(x.runDir)),
  ],
  plan: (x) =>
    refuseRights(x) ?? refuseManager(x) ?? refuseWithoutBash(x) ?? { steps: [...bashElsewhere(x), ...lockWait(x)] },
}

function refuseRights(x: StageInput): PhasePlan | undefined {
  if (x.rights === 'root') return undefined
  const { packages, reboot } = x.host.stages.update
  if (packages !== 'none')
    return stop(
      x,
      'Packages are updated by root, and this session has no root; write "packages: none"',
      'stages.update.packages',
      packages,
    )
  if (reboot === 'always')
    return stop(
      x,
      'Only root can reboot, and this session has no root; write "reboot: never"',
      'stages.update.reboot',
      reboot,
    )
  const backup = backupsOf(x.host).find((b) => b.needsRoot !== undefined)
  if (backup === undefined) return undefined
  return stop(
    x,
    `Without root ${backup.needsRoot}; write "backup: []" or other paths`,
    'stages.prepare.backup',
    backup.id,
  )
}

function refuseManager(x: StageInput): PhasePlan | undefined {
  if (!updates(x)) return undefined
  const { packages } = x.host.stages.update
  const manager = packageManagerOf(x.facts)
  if (!manager.ok) return stop(x, `The package manager is unknown: ${manager.why}`, 'stages.update.packages', packages)
  if (manager.value === null)
    return stop(
      x,
      'The host has no supported package manager; write "packages: none" for it',
      'stages.update.packages',
      packages,
    )
  const sound = x.facts.get(packageConsistency)
  if (!sound.ok)
    return stop(x, `Whether the packages are sound is unknown: ${sound.why}`, 'stages.update.packages', packages)
  if (sound.value.unreadable !== undefined)
    return stop(
      x,
      `The package manager cannot read its own sources (${sound.value.unreadable}); mend them on the host`,
      'stages.update.packages',
      packages,
    )
  if (sound.value.ok || sound.value.interrupted) return undefined
  const [first = 'unknown'] = sound.value.problems
  return stop(
    x,
    `The packages were broken before the run (${first}); repair them by hand`,
    'stages.update.packages',
    packages,
  )
}

const lockFacts = (x: StageInput) => (x.run.mode === 'plan' ? [packageLock, packageListsAge] : [packageLock])

const refresh: Phase = {
  name: 'refresh',
  facts: (x) => (updates(x) ? lockFacts(x) : []),
  plan: (x) => {
    if (!updates(x)) return NOTHING
    const held = describeLock(x.facts.get(packageLock))
    if (held !== undefined && x.run.mode === 'run')
      return stop(
        x,
        `The package manager is busy: ${held}`,
        'stages.update.lock_wait',
        `${x.host.stages.update.lock_wait / 1000}s`,
      )
    return { steps: refreshStep(x), notes: x.run.mode === 'plan' ? listsAge(x) : [] }
  },
}

function listsAge(x: StageInput): readonly Observation[] {
  const age = x.facts.get(packageListsAge)
  const what = !age.ok
    ? `The age of the package lists is unknown: ${age.why}`
    : age.value === null
      ? 'The host has no package lists yet'
      : `The package lists of this plan are ${Math.round(age.value / 360) / 10} hours old`
  return [{ kind: 'finding', what, severity: 'info', advice: 'A run refreshes them first, so it may find more' }]
}

const pending: Phase = {
  name: 'pending',
  // What the next phase needs besides is asked along: nothing is done between the two.
  facts: (x) => [...(updates(x) ? [upgradable] : []), ...spaceFacts(x)],
  plan: (x) => {
    const chosen = selectedUpgrades(x)
    if (chosen.ok) return NOTHING
    return stop(
      x,
      `What would be updated is unknown: ${chosen.why}`,
      'stages.update.packages',
      x.host.stages.update.packages,
    )
  },
}

/** Simulated with exact versions, sizes known: the last moment to refuse for free. */
const space: Phase = {
  name: 'space',
  facts: (x) => [...spaceFacts(x), ...chosenFacts(x)],
  plan: (x) => {
    const refused = refuseChosen(x) ?? refuseSpace(x)
    if (refused !== undefined) return refused
    const transaction = transactionOf(x.facts)
    return { steps: [], notes: transaction.ok ? [{ kind: 'pending', changes: plannedChanges(transaction.value) }] : [] }
  },
}

function spaceFacts(x: StageInput): readonly Fact<unknown>[] {
  const ofSpace = x.host.stages.prepare.space === false ? [] : [disks, bootImages, ...cleanFreesFacts]
  return [...ofSpace, ...backupsOf(x.host).flatMap((b) => b.facts)]
}

function chosenFacts(x: StageInput): readonly Fact<unknown>[] {
  const manager = packageManagerOf(x.facts)
  const chosen = selectedUpgrades(x)
  const found = x.facts.get(upgradable)
  if (!manager.ok || manager.value === null || !found.ok || !chosen.ok || chosen.value.length === 0) return []
  const { exact } = manager.value
  const versions = chosen.value.map((c) => exact(c.name, c.version))
  return [transactionFact(manager.value, versions, found.value)]
}

function refuseChosen(x: StageInput): PhasePlan | undefined {
  if (chosenFacts(x).length === 0) return undefined
  const { update } = x.host.stages
  const transaction = transactionOf(x.facts)
  if (!transaction.ok)
    return stop(
      x,
      `The chosen packages cannot be simulated together: ${transaction.why}`,
      'stages.update.packages',
      update.packages,
    )
  const refusal = refuseTransaction(transaction.value, update)
  return refusal && stop(x, refusal.reason, `stages.update.${refusal.key}`, refusal.value)
}

function refuseSpace(x: StageInput): PhasePlan | undefined {
  const minimums = x.host.stages.prepare.space
  if (minimums === false) return undefined
  const all = x.facts.get(disks)
  if (!all.ok) return stop(x, `The free space is unknown: ${all.why}`, 'stages.prepare.space', 'unknown')
  const shortage = findShortage(all.value, needs(x), minimums, cleanFrees(x))
  return shortage && { steps: [], stop: explainShortage(x.host, shortage) }
}

function needs(x: StageInput): readonly SpaceNeed[] {
  const backups = backupsOf(x.host).flatMap((b) => b.need(x) ?? [])
  const transaction = transactionOf(x.facts)
  if (!transaction.ok) return backups
  const boot = x.facts.get(bootImages)
  return [
    ...backups,
    downloadNeed(transaction.value, packageFolder(x.runDir), x.host.stages.prepare.download),
    ...unpackNeeds(transaction.value, boot.ok ? boot.value : undefined),
  ]
}

/** Backups and packages, in one program: neither decides anything about the other. */
const fetch: Phase = {
  name: 'fetch',
  plan: (x) => ({
    steps: [...backupsOf(x.host).flatMap((b) => b.steps(x)), ...downloadSteps(x)],
    notes: backupsOf(x.host).flatMap((b) => b.warnings(x)),
  }),
}

const proved: Phase = {
  name: 'proved',
  facts: askedFacts,
  plan: (x) => {
    const notes = [...backupsOf(x.host).flatMap((b: Backup) => b.made(x)), ...irreversible(x)]
    const held = heldForConfiguration(x)
    return held === undefined ? { steps: [], notes } : { ...stop(x, held, 'stages.update.config_files', 'hold'), notes }
  },
}

export const prepare: Stage = {
  name: 'prepare',
  phases: [access, refresh, pending, space, fetch, proved],
}
