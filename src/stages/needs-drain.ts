import { rebootRequired } from '../facts/reboot-required'
import { packageConsistency } from '../packages/facts'
import { selectedUpgrades } from '../packages/select-upgrades'
import type { StageInput } from './stage'

export interface DrainNeed {
  readonly needed: boolean
  /** One sentence for plan, log and report. */
  readonly why: string
}

/**
 * Whether users have to be kept out at all: something is pending that they would notice. Steps of clean are not, and
 * neither are hooks: a hook that users notice wants `when: always`. Packages that could not be read count as pending,
 * because the update may find some; an unknown need to reboot reboots nothing, so it drains nothing.
 */
export function needsDrain(x: Pick<StageInput, 'host' | 'facts'>): DrainNeed {
  const { drain, update } = x.host.stages
  if (drain.when === 'always') return { needed: true, why: 'the maintenance file says drain.when: always' }
  const upgrades = selectedUpgrades(x)
  if (!upgrades.ok) return { needed: true, why: `the pending packages could not be read: ${upgrades.why}` }
  const sound = x.facts.get(packageConsistency)
  if (update.packages !== 'none' && sound.ok && sound.value.interrupted)
    return { needed: true, why: 'what an interrupted package manager left is to be finished' }
  if (upgrades.value.length > 0) return { needed: true, why: `${upgrades.value.length} packages are to be upgraded` }
  if (update.apps.length > 0)
    return { needed: true, why: `${update.apps.map((app) => app.name).join(', ')} is to be deployed` }
  if (update.reboot === 'always') return { needed: true, why: 'the maintenance file says update.reboot: always' }
  const reboot = x.facts.get(rebootRequired)
  if (update.reboot === 'if-required' && reboot.ok && reboot.value.needed === 'yes') {
    return { needed: true, why: `a reboot is required: ${reboot.value.why}` }
  }
  return { needed: false, why: 'nothing is pending that users would notice' }
}
