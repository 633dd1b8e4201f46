import { dirname } from 'node:path'
import { readConfinedFile } from '../config/confined-file'
import { descend, type TreeNode } from '../config/tree'
import type { Place, Problem } from '../errors'
import type { Inventory } from './inventory'
import { parseIniInventory } from './inventory-ini'
import { parseJsonInventory } from './inventory-json'
import type { RawInventory } from './inventory-raw'
import { resolveInventory } from './inventory-resolve'
import { readVarsBeside } from './inventory-vars'
import { parseYamlInventory } from './inventory-yaml'

/** A fleet of 100,000 hosts fits; what is larger is no inventory. */
const MAX_INVENTORY_BYTES = 16 * 1_048_576

/**
 * Reads the inventory that the maintenance file names, from its own folder. Nothing is executed: `ansible-inventory`
 * would run scripts, plugins and ansible.cfg (H5). An executable file is such a script and refused.
 */
export function readInventory(folder: string, node: TreeNode | undefined): Inventory {
  const nothing = { hosts: [], problems: [] }
  for (const kind of ['ansible', 'json'] as const) {
    const named = descend(node, [kind])
    if (named?.kind !== 'scalar' || typeof named.value !== 'string' || named.at === null) continue
    return readNamed(folder, kind, named.value, named.at)
  }
  return nothing
}

function readNamed(folder: string, kind: 'ansible' | 'json', path: string, at: Place): Inventory {
  const refused = (message: string): Inventory => ({ hosts: [], problems: [{ ...at, message } satisfies Problem] })
  const read = readConfinedFile(folder, path, MAX_INVENTORY_BYTES)
  if (!read.ok) return refused(`the inventory cannot be read: ${read.why}`)
  if (read.executable)
    return refused(
      'the inventory is executable, as inventory scripts are: they never run here; chmod a-x, or list the hosts',
    )
  const text = utf8(read.bytes)
  if (text === undefined) return refused('the inventory is not UTF-8 text')
  if (text.startsWith('#!')) return refused('the inventory is a script: scripts never run here; list the hosts')
  if (text.startsWith('$ANSIBLE_VAULT')) return refused('the inventory is a vault: it cannot be read')
  const raw = parsed(kind, path, text, read.bytes)
  // What `ansible-inventory --list` prints has them in it.
  if (kind === 'ansible') readVarsBeside(raw, folder, dirname(path))
  return resolveInventory(raw)
}

function parsed(kind: 'ansible' | 'json', path: string, text: string, bytes: Uint8Array): RawInventory {
  if (kind === 'json') return parseJsonInventory(text, path)
  return isYaml(path, text) ? parseYamlInventory(bytes, path) : parseIniInventory(text, path)
}

/**
 * By its ending; without one that says so (`inventories/prod/hosts`) by its first line with content: a mapping begins with a
 * document mark or a key alone, and no line of an INI inventory looks so.
 */
function isYaml(path: string, text: string): boolean {
  if (/\.(?:ya?ml|json)$/i.test(path)) return true
  const first = text.split(/\r?\n/).find((line) => line.trim() !== '' && !/^\s*[#;]/.test(line)) ?? ''
  return /^(?:---\s*(?:#.*)?|["']?[A-Za-z0-9_.-]+["']?:\s*(?:[#{].*)?|\{.*)$/.test(first)
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
