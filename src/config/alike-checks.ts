import type { Problem } from '../errors'
import { checkId } from './check-id'
import type { CommandHost } from './command'
import { check } from './explain'
import { checkEntry } from './stage/verify'
import type { CheckEntry } from './stages'
import { descend, type TreeNode } from './tree'

/**
 * Two checks with one id could not be told apart in the report. Judged as each host has them, for `{host}` may make two
 * alike, and on each entry by itself, so that another mistake in the stages hides none.
 */
export function alikeChecks(stages: TreeNode, hosts: readonly CommandHost[]): Problem[] {
  const list = descend(stages, ['verify', 'checks'])
  if (list?.kind !== 'list') return []
  const entries = list.items.flatMap((item) => {
    const { value } = check(checkEntry, item)
    return value === undefined ? [] : [{ at: item.at, value }]
  })
  const differ = entries.some(({ value }) => /\{(?:host|address|group)\}/.test(checkId(value)))
  const all = differ && hosts.length > 0 ? hosts : [undefined]
  const found = new Map(all.flatMap((host) => repeated(entries, host)))
  return [...found].map(([entry, id]) => ({
    ...(entry.at ?? {}),
    message: `two checks have the id "${id.slice(0, 200)}"`,
  }))
}

interface Entry {
  readonly at: TreeNode['at']
  readonly value: CheckEntry
}

function repeated(entries: readonly Entry[], host: CommandHost | undefined): [Entry, string][] {
  const seen = new Set<string>()
  return entries.flatMap((entry): [Entry, string][] => {
    const id = checkId(entry.value, host)
    const alike = seen.has(id)
    seen.add(id)
    return alike ? [[entry, id]] : []
  })
}
