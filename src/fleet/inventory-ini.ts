import type { Place } from '../errors'
import { expandRange } from './inventory-ranges'
import { RawInventory, type Variables } from './inventory-raw'

type Section = { readonly kind: 'hosts' | 'vars' | 'children'; readonly group: string }

/** Ansible's INI inventory: `[group]`, `[group:vars]`, `[group:children]`, hosts with `key=value`, ranges, comments. */
export function parseIniInventory(text: string, file: string): RawInventory {
  const raw = new RawInventory(file)
  let section: Section | null = { kind: 'hosts', group: 'ungrouped' }
  for (const [i, whole] of text.split(/\r?\n/).entries()) {
    const at: Place = { file, line: i + 1, column: 1 + (/^\s*/.exec(whole)?.[0].length ?? 0), path: '' }
    const line = whole.trim()
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[') && !/^\[[^\]]*:[^\]]*\]\S/.test(line)) section = readSection(raw, line, at)
    else if (section !== null) readLine(raw, section, line, at)
  }
  return raw
}

function readSection(raw: RawInventory, line: string, at: Place): Section | null {
  const [, group, kind = 'hosts'] = /^\[([A-Za-z0-9_.-]+)(?::(vars|children))?\]\s*(?:[#;].*)?$/.exec(line) ?? []
  if (group === undefined) {
    raw.problem(at, 'expected [group], [group:vars] or [group:children]')
    return null
  }
  raw.group(group)
  return { kind: kind as Section['kind'], group }
}

function readLine(raw: RawInventory, section: Section, line: string, at: Place): void {
  if (section.kind === 'vars') readGroupVariable(raw, section.group, line, at)
  else if (section.kind === 'children') readChild(raw, section.group, line, at)
  else readHost(raw, section.group, line, at)
}

/** In `[group:vars]` all of the line after `=` is the value. */
function readGroupVariable(raw: RawInventory, group: string, line: string, at: Place) {
  const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/.exec(line) ?? []
  if (key === undefined || value === undefined) return raw.problem(at, 'expected key=value')
  raw.group(group).variables.set(key, { value: unquoted(value.replace(/\s+#.*$/, '')), at })
}

function unquoted(value: string): string {
  return /^(?:"[^"]*"|'[^']*')$/.test(value) ? value.slice(1, -1) : value
}

function readChild(raw: RawInventory, group: string, line: string, at: Place) {
  const [, child] = /^([A-Za-z0-9_.-]+)\s*(?:[#;].*)?$/.exec(line) ?? []
  if (child === undefined) return raw.problem(at, 'expected the name of a group')
  raw.group(group).children.add(child)
  raw.group(child)
}

function readHost(raw: RawInventory, group: string, line: string, at: Place) {
  const words = splitWords(line)
  const [first, ...pairs] = words ?? []
  if (first === undefined) return raw.problem(at, 'a quote is not closed')
  const [, pattern, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(first) ?? []
  const names = expandRange(pattern ?? first)
  if (names === null) return raw.problem(at, 'this range of hosts is not read: expected a form such as web[01:10]')
  const variables: Variables = new Map()
  if (port !== undefined) variables.set('ansible_port', { value: port, at })
  for (const pair of pairs) {
    const [, key, value] = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(pair) ?? []
    if (key === undefined || value === undefined) return raw.problem(at, 'expected a host name, then key=value pairs')
    variables.set(key, { value, at })
  }
  for (const name of names) raw.addHost(name, group, variables, at)
}

/** Words as a shell would split them: quotes of both kinds, ` #` begins a comment. Null: a quote is open. */
function splitWords(line: string): string[] | null {
  const words: string[] = []
  const word = /\s*(?:#.*$|((?:[^\s"']|"[^"]*"|'[^']*')+))/y
  while (word.lastIndex < line.length) {
    const found = word.exec(line)
    if (found === null) return null
    if (found[1] === undefined) break
    words.push(
      found[1].replace(/"([^"]*)"|'([^']*)'/g, (_, double?: string, single?: string) => double ?? single ?? ''),
    )
  }
  return words
}
