import type { Place, Problem } from '../errors'
import { expand } from './command'
import type { HostBase } from './hosts'
import { nearest } from './nearest'
import { type TreeNode, walk } from './tree'

/** A group with what is laid over it, while the file is being checked. */
export interface GroupPart {
  readonly name: string
  readonly needs: readonly { readonly name: string; readonly at: Place | null }[]
  /** Null: the group is not declared, it only has hosts. */
  readonly at: Place | null
  readonly stages: TreeNode
}

/** `jump:` names another host of the file, and nobody jumps in a circle. */
export function jumpProblems(
  jumps: ReadonlyMap<string, { readonly to: string; readonly at: Place | null }>,
  names: ReadonlySet<string>,
): Problem[] {
  return [...jumps].flatMap(([host, { to, at }]): Problem[] => {
    if (!names.has(to)) return [unknownName(at ?? {}, 'host', to, names)]
    const inCircle = circle(host, (name) => jumps.get(name)?.to ?? [])
    return inCircle ? [{ ...(at ?? {}), message: `${host} would be reached through itself` }] : []
  })
}

/** `on:` is `host`, `runner` or a host of the file; placeholders are filled in for every host of the group. */
export function placeProblems(
  groups: readonly GroupPart[],
  hosts: ReadonlyMap<string, HostBase>,
  names: ReadonlySet<string>,
): Problem[] {
  return groups.flatMap((group) => {
    const members = [...hosts.values()].filter((host) => host.group === group.name)
    return [...walk(group.stages)].flatMap(([path, node]) => {
      if (path.at(-1) !== 'on' || node.kind !== 'scalar' || typeof node.value !== 'string') return []
      return placeProblem(node.value, node.at, members, names)
    })
  })
}

function placeProblem(
  on: string,
  at: Place | null,
  members: readonly HostBase[],
  known: ReadonlySet<string>,
): Problem[] {
  const names = /\{(?:host|address|group)\}/.test(on) ? members.map((host) => expand(on, host)) : [on]
  const wrong = [...new Set(names)].find((name) => name !== 'host' && name !== 'runner' && !known.has(name))
  return wrong === undefined ? [] : [unknownName(at ?? {}, 'host', wrong, ['host', 'runner', ...known])]
}

/**
 * Every declared group has a host, `needs` names groups, and no group needs itself in the end.
 * @param used the groups that have hosts; null while not all of them are known: then no group is called empty or unknown
 */
export function groupProblems(groups: readonly GroupPart[], used: ReadonlySet<string> | null): Problem[] {
  const byName = new Map(groups.map((group) => [group.name, group]))
  const known = new Set([...byName.keys(), ...(used ?? [])])
  return groups.flatMap((group) => {
    if (group.at === null) return []
    const empty = used === null || used.has(group.name) ? [] : [noHost(group, used)]
    const unknown = used === null ? [] : group.needs.filter((need) => !known.has(need.name))
    const circular = circle(group.name, (name) => (byName.get(name)?.needs ?? []).map((need) => need.name))
    return [
      ...empty,
      ...unknown.map((need) => unknownName(need.at ?? {}, 'group', need.name, known)),
      ...(circular ? [{ ...group.at, message: `the group "${group.name}" would need itself` }] : []),
    ]
  })
}

function noHost(group: GroupPart, used: ReadonlySet<string>): Problem {
  const near = nearest(
    group.name,
    [...used].filter((name) => name !== ''),
  )
  return {
    ...(group.at ?? {}),
    message: `no host is in the group "${group.name}"`,
    ...(near === undefined ? {} : { nearest: near }),
  }
}

/** Groups in the order of `needs`; where nothing decides, as written. Call it only on groups without a circle. */
export function inOrderOfNeeds(groups: readonly GroupPart[]): GroupPart[] {
  const byName = new Map(groups.map((group) => [group.name, group]))
  const ordered = new Set<GroupPart>()
  const visit = (group: GroupPart): void => {
    if (ordered.has(group)) return
    for (const need of group.needs) {
      const needed = byName.get(need.name)
      if (needed !== undefined) visit(needed)
    }
    ordered.add(group)
  }
  for (const group of groups) visit(group)
  return [...ordered]
}

function circle(start: string, next: (name: string) => string | readonly string[]): boolean {
  const seen = new Set<string>()
  const open = [next(start)].flat()
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === start) return true
    if (seen.has(name)) continue
    seen.add(name)
    open.push(...[next(name)].flat())
  }
  return false
}

function unknownName(at: Partial<Place>, kind: string, name: string, known: Iterable<string>): Problem {
  const near = nearest(name, known)
  const message = `no ${kind} of this file is called "${name.slice(0, 80)}"`
  return {
    ...at,
    message: kind === 'group' && near === undefined ? `${message}${thereAre([...known])}` : message,
    ...(near === undefined ? {} : { nearest: near }),
  }
}

const MOST_NAMED = 8

/** Groups are few: where none is near, all are named. */
function thereAre(names: readonly string[]): string {
  const named = names.filter((name) => name !== '').sort()
  if (named.length === 0) return ''
  const more = named.length > MOST_NAMED ? ' …' : ''
  return `; there ${named.length === 1 ? 'is' : 'are'} ${named.slice(0, MOST_NAMED).join(', ')}${more}`
}
