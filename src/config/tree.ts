import type { Place } from '../errors'

/** The file as nodes that know where they stand: merged and checked before any plain object is made of them. */
export type TreeNode = MapNode | ListNode | ScalarNode

export interface MapNode {
  readonly kind: 'map'
  readonly at: Place | null
  readonly entries: ReadonlyMap<string, Entry>
}

export interface Entry {
  /** Where the key stands. `path` is the path as written, `checks+` included. Null: one of our defaults. */
  readonly at: Place | null
  /** Written as `key+`: the list is appended to what lies below. */
  readonly appends: boolean
  readonly value: TreeNode
}

export interface ListNode {
  readonly kind: 'list'
  readonly at: Place | null
  readonly items: readonly TreeNode[]
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly at: Place | null
  readonly value: string | number | boolean | null
}

export type PathPart = string | number

/** `stages.verify.checks[0].http` */
function pathText(parts: readonly PropertyKey[]): string {
  return parts.reduce<string>(pathBelow, '')
}

/** `stages.verify` and `checks` → `stages.verify.checks` */
export function pathBelow(path: string, part: PropertyKey): string {
  if (typeof part === 'number') return `${path}[${part}]`
  return path === '' ? String(part) : `${path}.${String(part)}`
}

/** Plain data for the schema. Objects have no prototype, so that no key of a file can mean more than its value. */
export function plain(node: TreeNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'list') return node.items.map(plain)
  const out: Record<string, unknown> = Object.create(null)
  for (const [key, entry] of node.entries) out[key] = plain(entry.value)
  return out
}

export function child(node: TreeNode | undefined, part: PropertyKey): TreeNode | undefined {
  if (node?.kind === 'map') return node.entries.get(String(part))?.value
  return node?.kind === 'list' && typeof part === 'number' ? node.items[part] : undefined
}

export function descend(node: TreeNode | undefined, path: readonly PropertyKey[]): TreeNode | undefined {
  return path.reduce<TreeNode | undefined>(child, node)
}

/** Where the value at `path` stands: its key, or the nearest thing above it that a file says. */
export function placeOf(root: TreeNode, path: readonly PropertyKey[]): Place | null {
  let place = root.at
  let node: TreeNode | undefined = root
  for (const part of path) {
    const entry: Entry | undefined = node?.kind === 'map' ? node.entries.get(String(part)) : undefined
    node = child(node, part)
    place = entry?.at ?? node?.at ?? place
    if (node === undefined) break
  }
  return place
}

/** Every node below `node` (itself included) with its path. */
export function* walk(node: TreeNode, path: readonly PathPart[] = []): Generator<[readonly PathPart[], TreeNode]> {
  yield [path, node]
  if (node.kind === 'map') for (const [key, entry] of node.entries) yield* walk(entry.value, [...path, key])
  if (node.kind === 'list') for (const [i, item] of node.items.entries()) yield* walk(item, [...path, i])
}

/** The path as a person wrote it, `groups.db.stages.update` and `checks+` included; what is missing is named from its parent. */
export function writtenPath(root: TreeNode, path: readonly PropertyKey[]): string {
  for (let length = path.length; length >= 0; length--) {
    const node = descend(root, path.slice(0, length))
    if (node?.at) return joined(node.at.path, pathText(path.slice(length)))
  }
  return pathText(path)
}

function joined(head: string, tail: string): string {
  return head === '' || tail === '' || tail.startsWith('[') ? head + tail : `${head}.${tail}`
}

/** The line of each value that a file gives, by path below `prefix`. What is a default has none. */
export function linesOf(node: TreeNode | undefined, prefix: string): Record<string, number> {
  const lines: Record<string, number> = Object.create(null)
  if (node !== undefined) collectLines(node, prefix, node.at, lines)
  return lines
}

function collectLines(node: TreeNode, path: string, at: Place | null, lines: Record<string, number>): void {
  if (at !== null) lines[path] = at.line
  if (node.kind === 'map')
    for (const [key, entry] of node.entries) collectLines(entry.value, joined(path, key), entry.at, lines)
  if (node.kind === 'list')
    for (const [i, item] of node.items.entries()) collectLines(item, `${path}[${i}]`, item.at, lines)
}

/** `over` laid over `base`: maps key by key, lists and single values replace, `key+` appends. */
export function overlay(base: TreeNode | undefined, over: TreeNode | undefined): TreeNode | undefined {
  if (over === undefined || base === undefined) return over ?? base
  if (base.kind !== 'map' || over.kind !== 'map') return over
  const entries = new Map(base.entries)
  for (const [key, entry] of over.entries) entries.set(key, overlaidEntry(entries.get(key), entry))
  return { kind: 'map', at: over.at ?? base.at, entries }
}

function overlaidEntry(below: Entry | undefined, entry: Entry): Entry {
  if (below === undefined) return entry
  if (!entry.appends) return { ...entry, value: overlay(below.value, entry.value) ?? entry.value }
  if (below.value.kind !== 'list' || entry.value.kind !== 'list') return entry
  return { ...entry, value: { ...entry.value, items: [...below.value.items, ...entry.value.items] } }
}

/** Our own defaults as nodes without a place. */
export function treeOf(value: unknown): TreeNode {
  if (Array.isArray(value)) return { kind: 'list', at: null, items: value.map(treeOf) }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, v]): [string, Entry] => [
      key,
      { at: null, appends: false, value: treeOf(v) },
    ])
    return { kind: 'map', at: null, entries: new Map(entries) }
  }
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) {
    return { kind: 'scalar', at: null, value: value as ScalarNode['value'] }
  }
  throw new Error(`a ${typeof value} cannot be part of a tree`)
}
