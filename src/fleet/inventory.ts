import { NAME } from '../config/values'
import type { Place, Problem } from '../errors'

/** A host as an inventory gives it, before the maintenance file says more. */
export interface InventoryHost {
  readonly name: string
  readonly address: string
  readonly port: number | null
  readonly user: string | null
  /** Groups that list the host themselves, and every group above those; without `all` and `ungrouped`. */
  readonly direct: readonly string[]
  readonly inherited: readonly string[]
  readonly at: Place
  /** A connection other than SSH that the inventory asks for (`local`, `winrm` …); left out: SSH. */
  readonly connection?: string
}

export interface Inventory {
  readonly hosts: readonly InventoryHost[]
  readonly problems: readonly Problem[]
}

/** Groups that every Ansible inventory has, and that say nothing about a role. */
export const EVERYONE: ReadonlySet<string> = new Set(['all', 'ungrouped'])

/**
 * The one group of a host: the only one of its groups that the maintenance file declares, else the only group that lists
 * it, else `default`. More than one is for a person to decide.
 */
export function groupOfInventoryHost(
  host: InventoryHost,
  declared: ReadonlySet<string>,
): { readonly group: string } | { readonly problem: Problem } {
  const mine = [...new Set([...host.direct, ...host.inherited])].filter((group) => declared.has(group))
  const choice = mine.length > 0 ? mine : host.direct
  const [group = 'default'] = choice
  if (choice.length <= 1 && NAME.test(group)) return { group }
  if (choice.length <= 1) return { problem: { ...host.at, message: unfit(host.name, group) } }
  const which = [...choice].sort().join(', ')
  const message = `${host.name} is in the groups ${which}: a host has exactly one; declare one of them under \`groups\`, or give the host its \`group\` under \`hosts\``
  return { problem: { ...host.at, message } }
}

const unfit = (host: string, group: string) =>
  `${host} is in the group ${group.slice(0, 80)}, and a group is called a-z 0-9 . _ - here, at most 63 long: give the host its \`group\` under \`hosts\``
