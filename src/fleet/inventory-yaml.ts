import type { Entry, TreeNode } from '../config/tree'
import { parseYamlTree } from '../config/yaml-tree'
import type { Place } from '../errors'
import { expandRange } from './inventory-ranges'
import { RawInventory, TAGGED, type Variables } from './inventory-raw'

/** Ansible's YAML inventory: groups with `hosts`, `vars` and `children`. A `plugin:` would be code, so it is refused. */
export function parseYamlInventory(bytes: Uint8Array, file: string): RawInventory {
  const raw = new RawInventory(file)
  const { tree, problems } = parseYamlTree(bytes, file, { tagged: TAGGED })
  raw.problems.push(...problems)
  if (tree === undefined || problems.length > 0) return raw
  const start = { file, line: 1, column: 1, path: '' }
  if (tree.kind !== 'map') {
    raw.problem(tree.at ?? start, 'expected groups')
    return raw
  }
  const plugin = tree.entries.get('plugin')
  if (plugin !== undefined) raw.problem(plugin.at ?? start, 'inventory plugins are code and never run: list the hosts')
  else for (const [name, entry] of tree.entries) readGroup(raw, name, entry, start)
  return raw
}

function readGroup(raw: RawInventory, name: string, entry: Entry, above: Place) {
  const at = entry.at ?? above
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) return raw.problem(at, 'this name of a group cannot be used')
  const group = raw.group(name)
  for (const [key, part] of mapEntries(raw, entry.value, at)) {
    const place = part.at ?? at
    if (key === 'hosts')
      for (const [host, vars] of mapEntries(raw, part.value, place)) readHost(raw, name, host, vars, place)
    else if (key === 'vars') for (const [k, v] of variablesOf(raw, part.value, place)) group.variables.set(k, v)
    else if (key === 'children') {
      for (const [child, inner] of mapEntries(raw, part.value, place)) {
        group.children.add(child)
        readGroup(raw, child, inner, place)
      }
    } else raw.problem(place, 'a group has `hosts`, `vars` and `children`, nothing else')
  }
}

function readHost(raw: RawInventory, group: string, pattern: string, entry: Entry, above: Place) {
  const at = entry.at ?? above
  const names = expandRange(pattern)
  if (names === null) return raw.problem(at, 'this range of hosts is not read: expected a form such as web[01:10]')
  const variables = variablesOf(raw, entry.value, at)
  for (const name of names) raw.addHost(name, group, variables, at)
}

/** Only single values can be connection facts; lists and mappings are variables of playbooks, none of ours. */
function variablesOf(raw: RawInventory, node: TreeNode, above: Place): Variables {
  const variables: Variables = new Map()
  for (const [key, entry] of mapEntries(raw, node, above)) {
    const isTagged = entry.value.kind === 'scalar' && entry.value.value === TAGGED
    const at = (isTagged ? entry.value.at : entry.at) ?? above
    // A vault or another tag: nobody needs it, unless it is a fact of the connection, which it then does not fit.
    if (entry.value.kind === 'scalar') variables.set(key, { value: String(entry.value.value ?? ''), at })
    else if (key.startsWith('ansible_')) variables.set(key, { value: '', at })
  }
  return variables
}

function mapEntries(raw: RawInventory, node: TreeNode, at: Place): Iterable<[string, Entry]> {
  if (node.kind === 'map') return node.entries
  if (node.kind !== 'scalar' || node.value !== null) raw.problem(node.at ?? at, 'expected a mapping')
  return []
}
