import type { Isolation } from '../journal/event'
import type { PlannedHost } from '../plan/plan'
import type { PlannedGroup } from './plan-view'

/** What users notice while hosts of this isolation are maintained. */
const USERS: Readonly<Record<Isolation, string>> = {
  isolated: 'kept away (isolated)',
  stopped: 'cut off (services stopped)',
  exposed: 'still served (exposed)',
}

export interface ShownWave {
  readonly name: string
  readonly hosts: readonly string[]
  readonly isolation: string
}

/** Hosts under the name of their group, in the order of the plan. */
export function hostsByGroup(hosts: readonly PlannedHost[]): ReadonlyMap<string, readonly PlannedHost[]> {
  const groups = new Map<string, PlannedHost[]>()
  for (const host of hosts) {
    const known = groups.get(host.group)
    if (known === undefined) groups.set(host.group, [host])
    else known.push(host)
  }
  return groups
}

/**
 * The waves of a group, apart by what users notice of them. A host without a wave is not worked on.
 * @param hosts those of the group
 */
export function wavesOfPlan(hosts: readonly PlannedHost[], group: PlannedGroup): readonly ShownWave[] {
  const waves = new Map<string, ShownWave & { readonly number: number; readonly hosts: string[] }>()
  for (const { name, wave, isolation } of hosts) {
    if (wave === null) continue
    const known = waves.get(`${wave} ${isolation}`)
    const shown = wave === 0 && group.canary > 0 ? 'canary' : String(wave)
    if (known !== undefined) known.hosts.push(name)
    else waves.set(`${wave} ${isolation}`, { number: wave, name: shown, hosts: [name], isolation: USERS[isolation] })
  }
  return [...waves.values()].sort((a, b) => a.number - b.number)
}

/** Names under the text they share, in the order of their first appearance. */
export function groupedByText(
  entries: readonly (readonly [text: string, name: string])[],
): readonly (readonly [string, readonly string[]])[] {
  const byText = new Map<string, Set<string>>()
  for (const [text, name] of entries) byText.set(text, (byText.get(text) ?? new Set()).add(name))
  return [...byText].map(([text, names]) => [text, [...names]] as const)
}

const MOST_NAMES = 10

/** `web-1, web-2 and 3 more`. The names are those of hosts or groups of the maintenance file. */
export function listedNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(', ')
  return `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`
}
