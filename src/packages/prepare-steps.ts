import type { ShStep, WaitStep } from '../plan/step'
import type { StageInput } from '../stages/stage'
import { packageLock, packageManagerOf, transactionOf } from './facts'
import { keptFolder, packageFolder } from './kept-packages'
import type { PackageManager } from './package-manager'

/** A package manager is never killed: over its time it goes on, and the host is held (design 4.2). */
export function packageStep(
  x: StageInput,
  manager: PackageManager,
  own: Pick<ShStep, 'id' | 'title' | 'run'> & Partial<ShStep>,
): ShStep {
  return {
    do: 'sh',
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: x.host.stages.update.timeout,
    overtime: 'leave',
    output: 'text',
    env: manager.env,
    ...own,
  }
}

/** Waits, read only, until nobody holds a lock; whether somebody still does is judged afterwards, by name. */
export function lockWait(x: StageInput): readonly WaitStep[] {
  const manager = managerOf(x)
  const lock = x.facts.get(packageLock)
  if (manager === null || !lock.ok || lock.value.length === 0) return []
  return [
    {
      do: 'wait',
      id: 'packages.lock',
      title: `Wait until ${lock.value[0]?.program || 'another program'} lets go of the package manager`,
      place: 'host',
      required: false,
      disruptive: false,
      changes: false,
      timeoutMs: x.host.stages.update.lock_wait,
      everyMs: 2_000,
      until: manager.unlocked,
    },
  ]
}

export function refreshStep(x: StageInput): readonly ShStep[] {
  const manager = managerOf(x)
  if (manager === null) return []
  const run = manager.refresh(x.host.stages.update.lock_wait)
  return [packageStep(x, manager, { id: 'packages.refresh', title: 'Refresh the package lists', run })]
}

/** The packages of the update, and the installed ones for a way back, into the run's own folder, which clean never touches. */
export function downloadSteps(x: StageInput): readonly ShStep[] {
  const manager = managerOf(x)
  const transaction = transactionOf(x.facts)
  if (manager === null || !transaction.ok || !x.host.stages.prepare.download) return []
  const { upgrades } = transaction.value
  if (upgrades.length === 0) return []
  const exact = upgrades.map((u) => manager.exact(u.name, u.to))
  const replaced = upgrades.filter((u) => u.from !== null)
  const fetchable = replaced.filter((u) => u.canFetchInstalled).map((u) => manager.exact(u.name, u.from ?? ''))
  const fetch = packageStep(x, manager, {
    id: 'packages.download',
    title: `Download ${upgrades.length} packages`,
    run: manager.download(exact, packageFolder(x.runDir), x.host.stages.update.lock_wait),
  })
  const keep = packageStep(x, manager, {
    id: 'packages.keep',
    title: `Keep the installed version of ${replaced.length} packages for a rollback`,
    run: manager.keepInstalled(replaced, fetchable, keptFolder(x.runDir)),
    required: false,
    output: { data: 1_000_000 },
  })
  return replaced.length === 0 ? [fetch] : [fetch, keep]
}

function managerOf(x: StageInput): PackageManager | null {
  const manager = packageManagerOf(x.facts)
  return manager.ok && x.host.stages.update.packages !== 'none' ? manager.value : null
}
