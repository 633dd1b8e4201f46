import type { Problem } from '../errors'
import { type Entry, type MapNode, placeOf, type TreeNode } from './tree'

/**
 * `checks+: […]` becomes `checks` that appends, everywhere in `stages`, `window` and those of groups. Only a list can be
 * appended to; a list and its `+` in one mapping would contradict one another.
 */
export function readAppends(root: TreeNode): { readonly tree: TreeNode; readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  if (root.kind !== 'map') return { tree: root, problems }
  const entries = new Map(root.entries)
  for (const [key, entry] of root.entries) {
    if (key === 'stages' || key === 'window') entries.set(key, { ...entry, value: renamed(entry.value, problems) })
    if (key === 'groups') entries.set(key, { ...entry, value: inGroups(entry.value, problems) })
  }
  return { tree: { ...root, entries }, problems }
}

function inGroups(groups: TreeNode, problems: Problem[]): TreeNode {
  if (groups.kind !== 'map') return groups
  const entries = new Map<string, Entry>()
  for (const [name, entry] of groups.entries) {
    const inner = readAppends(entry.value)
    problems.push(...inner.problems)
    entries.set(name, { ...entry, value: inner.tree })
  }
  return { ...groups, entries }
}

function renamed(node: TreeNode, problems: Problem[]): TreeNode {
  if (node.kind !== 'map') return node
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries) {
    const name = appendedName(key, entry)
    if (name !== undefined && node.entries.has(name)) problems.push(bothWritten(node, key, name))
    const value = renamed(entry.value, problems)
    entries.set(name ?? key, { ...entry, appends: name !== undefined, value })
  }
  return { ...node, entries }
}

function appendedName(key: string, entry: Entry): string | undefined {
  return key.endsWith('+') && key.length > 1 && entry.value.kind === 'list' ? key.slice(0, -1) : undefined
}

function bothWritten(node: MapNode, key: string, name: string): Problem {
  return {
    ...(placeOf(node, [key]) ?? {}),
    message: `"${name}" replaces the list and "${key}" appends to it: write one of them`,
  }
}
