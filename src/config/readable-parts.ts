import type { Place, Problem } from '../errors'
import { check } from './explain'
import { type FileInput, type HostEntry, hostEntry, type SshDefaults, ssh } from './file-schema'
import { child, descend, type Entry, placeOf, type TreeNode } from './tree'
import { NAME } from './values'

/** What can be read of hosts and groups even when other parts of the file are wrong: so all problems come at once. */
export interface ReadableParts {
  readonly ssh: SshDefaults
  /** Only entries without a problem of their own. */
  readonly hosts: ReadonlyMap<string, HostEntry>
  /** All names that are written, right or wrong: an entry with a problem is no unknown host. */
  readonly hostNames: ReadonlySet<string>
  readonly groups: readonly WrittenGroup[]
  /** By host, right or wrong. */
  readonly jumps: ReadonlyMap<string, { readonly to: string; readonly at: Place | null }>
  /** The group that each written host is in; null where what is written can be no name. */
  readonly namedGroups: ReadonlyMap<string, string | null>
}

export interface WrittenGroup {
  readonly name: string
  readonly at: Place | null
  readonly needs: readonly { readonly name: string; readonly at: Place | null }[]
}

/** @param input the file as the schema read it; undefined when some part of it is wrong */
export function readableParts(tree: TreeNode, input: FileInput | undefined): ReadableParts {
  const written = entriesOf(descend(tree, ['hosts']))
  const hosts = input === undefined ? readableHosts(written) : Object.entries(input.hosts ?? {})
  return {
    ssh: input?.ssh ?? readableDefaults(descend(tree, ['ssh'])),
    hosts: new Map(hosts),
    hostNames: new Set(written.map(([name]) => name)),
    groups: entriesOf(descend(tree, ['groups'])).map(([name, entry]) => ({
      name,
      at: entry.at,
      needs: needsOf(entry.value),
    })),
    jumps: new Map(written.flatMap(([name, { value }]) => jumpOf(name, value))),
    namedGroups: new Map(written.map(([name, { value }]) => [name, nameIn(child(value, 'group'), 'default')])),
  }
}

function jumpOf(host: string, entry: TreeNode): [string, { to: string; at: Place | null }][] {
  const node = child(entry, 'jump')
  const to = nameIn(node, null)
  return to === null ? [] : [[host, { to, at: node?.at ?? null }]]
}

/** null: no name can be read there. */
function nameIn(node: TreeNode | undefined, absent: string | null): string | null {
  if (node === undefined) return absent
  return node.kind === 'scalar' && typeof node.value === 'string' && NAME.test(node.value) ? node.value : null
}

function readableHosts(written: readonly [string, Entry][]): [string, HostEntry][] {
  return written.flatMap(([name, entry]): [string, HostEntry][] => {
    const { value } = check(hostEntry, entry.value)
    return value === undefined ? [] : [[name, value]]
  })
}

function readableDefaults(node: TreeNode | undefined): SshDefaults {
  return (node === undefined ? undefined : check(ssh, node).value) ?? {}
}

function needsOf(group: TreeNode): WrittenGroup['needs'] {
  const needs = child(group, 'needs')
  if (needs?.kind !== 'list') return []
  return needs.items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' ? [{ name: item.value, at: item.at }] : [],
  )
}

/** The file names hosts, itself or through an inventory, and at least one of them is a target. */
export function hostlessProblems(tree: TreeNode, targets: number, complete: boolean): readonly Problem[] {
  if (tree.kind !== 'map') return []
  const [hosts, inventory] = [descend(tree, ['hosts']), descend(tree, ['inventory'])]
  if (hosts === undefined && inventory === undefined)
    return [{ ...(tree.at ?? {}), path: 'hosts', message: 'is missing (or `inventory`)' }]
  // What is no mapping is told as such: its hosts could not be read.
  if (targets > 0 || !complete || (hosts !== undefined && hosts.kind !== 'map')) return []
  return [
    {
      ...(placeOf(tree, [hosts === undefined ? 'inventory' : 'hosts']) ?? {}),
      message: 'the file has no host to maintain',
    },
  ]
}

function entriesOf(node: TreeNode | undefined): [string, Entry][] {
  return node?.kind === 'map' ? [...node.entries] : []
}
