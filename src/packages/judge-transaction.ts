import type { StagesConfig } from '../config/stages'
import { matchesName } from './name-pattern'
import type { Transaction } from './package-manager'

export interface Refusal {
  readonly reason: string
  /** Path in the maintenance file below `stages.update`. */
  readonly key: 'removals' | 'exclude'
  readonly value: string
}

/** Why the simulated transaction must not be run as the maintenance file stands; undefined: it may. */
export function refuseTransaction(
  transaction: Transaction,
  config: Pick<StagesConfig['update'], 'removals' | 'exclude'>,
): Refusal | undefined {
  const removed = transaction.removals.map((r) => r.name)
  if (removed.length > 0 && config.removals === 'refuse')
    return {
      reason: `The update would remove ${enumerate(removed)}; look at them, then allow it with "removals: allow" or keep the cause out with "exclude"`,
      key: 'removals',
      value: config.removals,
    }
  const excluded = transaction.upgrades.map((u) => u.name).filter((name) => matchesName(config.exclude, name))
  if (excluded.length > 0)
    return {
      reason: `The update needs ${enumerate(excluded)}, which "exclude" keeps out; exclude what needs it too`,
      key: 'exclude',
      value: config.exclude.join(' '),
    }
  return undefined
}

/** `a, b and 3 more` */
export function enumerate(names: readonly string[], most = 5): string {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
