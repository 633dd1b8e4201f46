import { type CommandHost, expand } from './command'
import { COMMAND_KEYS } from './stage/command-keys'
import type { StagesConfig } from './stages'

const PLACEHOLDER = /\{(?:host|address|group)\}/

type Key = string | number

/** Looked for once for each group: most of what a host gets is shared with all others. */
const found = new WeakMap<StagesConfig, readonly (readonly Key[])[]>()

/**
 * The stages with `{host} {address} {group}` filled in for one host. Commands stay as written: `commandSh` fills them in
 * as quoted words. Whatever holds no placeholder is shared by all hosts of the group.
 */
export function expandedStages(stages: StagesConfig, host: CommandHost): StagesConfig {
  const paths = found.get(stages) ?? placeholderPaths(stages, [])
  found.set(stages, paths)
  return paths.reduce((value, path) => filledIn(value, path, host), stages as unknown) as StagesConfig
}

function placeholderPaths(value: unknown, path: readonly Key[]): (readonly Key[])[] {
  if (typeof value === 'string') return PLACEHOLDER.test(value) && !COMMAND_KEYS.has(String(path.at(-1))) ? [path] : []
  if (Array.isArray(value)) return value.flatMap((item, i) => placeholderPaths(item, [...path, i]))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => placeholderPaths(inner, [...path, key]))
}

/** A copy along the path; what stands beside it is the same object as before. */
function filledIn(value: unknown, path: readonly Key[], host: CommandHost): unknown {
  const [key, ...rest] = path
  if (key === undefined) return typeof value === 'string' ? expand(value, host) : value
  if (Array.isArray(value)) return value.map((item, i) => (i === key ? filledIn(item, rest, host) : item))
  const record = value as Readonly<Record<string, unknown>>
  return { ...record, [key]: filledIn(record[key], rest, host) }
}
