import { z } from 'zod'
import type { Place } from '../errors'
import { RawInventory, type Variables } from './inventory-raw'

const variables = z.record(z.string(), z.unknown())
const group = z.object({
  hosts: z.array(z.string()).optional(),
  children: z.array(z.string()).optional(),
  vars: variables.optional(),
})
const meta = z.object({ hostvars: z.record(z.string(), variables).optional() })

/** What `ansible-inventory --list` prints: groups by name, and `_meta.hostvars`. */
export function parseJsonInventory(text: string, file: string): RawInventory {
  const raw = new RawInventory(file)
  const at: Place = { file, line: 1, column: 1, path: '' }
  const json = parsed(text)
  if (json === undefined) {
    raw.problem(at, 'this is not the JSON that `ansible-inventory --list` prints')
    return raw
  }
  const hostVariables = readMeta(raw, json.get('_meta'), at)
  for (const [name, value] of json) if (name !== '_meta') readGroup(raw, name, value, hostVariables, at)
  return raw
}

/** As a Map, because a key `__proto__` of JSON is an own property that records would lose (H15). */
function parsed(text: string): Map<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? new Map(Object.entries(json)) : undefined
  } catch {
    return undefined
  }
}

function readMeta(raw: RawInventory, value: unknown, at: Place): ReadonlyMap<string, Variables> {
  const checked = meta.safeParse(value ?? {})
  if (!checked.success) {
    raw.problem({ ...at, path: '_meta' }, 'expected hostvars: variables by host')
    return new Map()
  }
  const hosts = Object.entries(checked.data.hostvars ?? {})
  return new Map(
    hosts.map(([host, vars]) => [host, variablesOf(vars, { ...at, path: `_meta.hostvars.${host.slice(0, 80)}` })]),
  )
}

function readGroup(
  raw: RawInventory,
  name: string,
  value: unknown,
  hostVariables: ReadonlyMap<string, Variables>,
  at: Place,
) {
  const place = { ...at, path: name.slice(0, 80) }
  const checked = group.safeParse(value)
  if (!checked.success || name === '__proto__')
    return raw.problem(place, 'expected a group with hosts, children and vars')
  const into = raw.group(name)
  for (const child of checked.data.children ?? []) {
    into.children.add(child)
    raw.group(child)
  }
  for (const [key, variable] of variablesOf(checked.data.vars ?? {}, place)) into.variables.set(key, variable)
  for (const host of checked.data.hosts ?? []) raw.addHost(host, name, hostVariables.get(host) ?? new Map(), place)
}

function variablesOf(vars: Readonly<Record<string, unknown>>, at: Place): Variables {
  const entries = Object.entries(vars).filter(([key, value]) => key.startsWith('ansible_') || typeof value !== 'object')
  return new Map(entries.map(([key, value]) => [key, { value: typeof value === 'object' ? '' : String(value), at }]))
}
