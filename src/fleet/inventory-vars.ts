import { join } from 'node:path'
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
import { confinedEntries, readConfinedFile } from '../config/confined-file'
import { type RawInventory, TAGGED, type Variables } from './inventory-raw'

const MAX_VARS_BYTES = 1_048_576
/** Endings Ansible reads; a name with another one, a hidden file and a backup are left alone, as there. */
const ENDING = /\.(?:ya?ml|json)$/

/**
 * The variables of connections in `group_vars/` and `host_vars/` beside an inventory, which Ansible lays over those of the
 * inventory itself. Everything else in them belongs to playbooks and is not looked at, however it is written.
 */
export function readVarsBeside(raw: RawInventory, folder: string, below: string): void {
  for (const name of new Set(['all', 'ungrouped', ...raw.groups.keys()]))
    readInto(raw, folder, below, 'group_vars', name, raw.groupFiles)
  for (const name of raw.hosts.keys()) readInto(raw, folder, below, 'host_vars', name, raw.hostFiles)
}

function readInto(
  raw: RawInventory,
  folder: string,
  below: string,
  kind: string,
  name: string,
  into: Map<string, Variables>,
): void {
  const variables: Variables = new Map()
  for (const path of filesOf(folder, join(below, kind), name)) readFile(raw, folder, path, variables)
  if (variables.size > 0) into.set(name, variables)
}

/** `web`, `web.yml`, and every file below a folder `web`, in the order of their names. */
function filesOf(folder: string, parent: string, name: string): readonly string[] {
  const all = confinedEntries(folder, parent)
  const files = all
    .filter((one) => one.isFile && one.name.replace(ENDING, '') === name)
    .map((one) => join(parent, one.name))
  const inside = all.some((one) => !one.isFile && one.name === name) ? filesBelow(folder, join(parent, name), 0) : []
  return [...files, ...inside]
}

function filesBelow(folder: string, parent: string, depth: number): readonly string[] {
  if (depth > 10) return []
  return confinedEntries(folder, parent)
    .filter((one) => !/^\.|~$/.test(one.name))
    .flatMap((one) => {
      const path = join(parent, one.name)
      if (!one.isFile) return filesBelow(folder, path, depth + 1)
      return ENDING.test(one.name) || !one.name.includes('.') ? [path] : []
    })
}

function readFile(raw: RawInventory, folder: string, path: string, into: Variables): void {
  const whole = { file: path, line: 1, column: 1, path: '' }
  const read = readConfinedFile(folder, path, MAX_VARS_BYTES)
  if (!read.ok) {
    raw.problem(whole, `the variables cannot be read: ${read.why}`)
    return
  }
  const text = new TextDecoder().decode(read.bytes)
  // A vault keeps passwords, which would be refused here in any case.
  if (text.startsWith('$ANSIBLE_VAULT')) return
  const lines = new LineCounter()
  try {
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, logLevel: 'silent' })
    if (document.errors.length > 0) raw.problem(whole, 'the variables cannot be read: this is not YAML')
    if (document.errors.length > 0 || !isMap(document.contents)) return
    for (const { key, value } of document.contents.items) {
      if (!isScalar(key) || typeof key.value !== 'string' || !key.value.startsWith('ansible_')) continue
      const line = lines.linePos(key.range?.[0] ?? 0).line
      // A tag such as !vault, or a list: a value that fits no connection, and is told where one needs it.
      const plain = isScalar(value) && value.tag === undefined ? String(value.value ?? '') : TAGGED
      into.set(key.value, { value: plain, at: { ...whole, line } })
    }
  } catch {
    raw.problem(whole, 'the variables cannot be read: they are nested too deep')
  }
}
