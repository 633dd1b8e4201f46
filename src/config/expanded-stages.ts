import { type CommandHost, expand } from './command'
import { COMMAND_KEYS } from './stage/command-keys'
import type { StagesConfig } from './stages'

const PLACEHOLDER = /\{(?:host|address|group)\}/

/**
 * The stages with `{host} {address} {group}` filled in for one host. Commands stay as written: `commandSh` fills them in
 * as quoted words. Stages without a placeholder are shared by all hosts of the group.
 */
export function expandedStages(stages: StagesConfig, host: CommandHost): StagesConfig {
  return expanded(stages, host, null) as StagesConfig
}

/** The same object where nothing was filled in. */
function expanded(value: unknown, host: CommandHost, key: string | null): unknown {
  if (typeof value === 'string') {
    return key !== null && COMMAND_KEYS.has(key) ? value : PLACEHOLDER.test(value) ? expand(value, host) : value
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => expanded(item, host, null))
    return items.some((item, i) => item !== value[i]) ? items : value
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]): [string, unknown, boolean] => {
    const outer = expanded(inner, host, name)
    return [name, outer, outer !== inner]
  })
  return entries.some(([, , changed]) => changed) ? Object.fromEntries(entries) : value
}
