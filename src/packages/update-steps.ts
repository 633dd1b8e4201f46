import type { ShStep } from '../plan/step'
import type { StageInput } from '../stages/stage'
import { packageFolder } from './kept-packages'
import type { PackageManager, Transaction } from './package-manager'
import { packageStep } from './prepare-steps'

/** Finishes what an earlier crash left, so that the update begins on sound packages. */
export function repairStep(x: StageInput, manager: PackageManager): ShStep {
  return packageStep(x, manager, {
    id: 'packages.repair',
    title: 'Finish what an interrupted package manager left',
    run: manager.repair(x.host.stages.update.config_files),
    disruptive: true,
  })
}

/** The transaction that prepare simulated, to the letter; from the run's folder, where prepare filled it. */
export function upgradeStep(x: StageInput, manager: PackageManager, transaction: Transaction): ShStep {
  const { removals, lock_wait, config_files: configFiles } = x.host.stages.update
  const folder = x.host.stages.prepare.download ? packageFolder(x.runDir) : null
  return packageStep(x, manager, {
    id: 'packages.upgrade',
    title: `Update ${transaction.upgrades.length} packages`,
    run: manager.upgrade(transaction, { removals, folder, configFiles }, lock_wait),
    disruptive: true,
  })
}
