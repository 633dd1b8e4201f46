import type { z } from 'zod'
import { requiredKeysAt, typesAt } from './schema-keys'
import type { TreeNode } from './tree'

const HOST = 'web-1: { address: 192.0.2.11 }'

/**
 * How a value that stands in the wrong form would be written, with the value itself where it is short. null: nothing better
 * can be said than what is expected.
 * @param expected types as the schema library calls them
 */
export function rightForm(
  expected: readonly string[],
  path: readonly PropertyKey[],
  node: TreeNode,
  schema: z.core.$ZodType,
): string | null {
  const isList = expected.includes('array')
  const isMap = expected.includes('object') || expected.includes('record')
  const key = String(path.at(-1) ?? '')
  if (node.kind === 'map') return isList && !isMap ? `write "- " before each of its entries` : null
  if (node.kind === 'list') {
    if (!isMap || isList) return null
    return path.length === 1 && key === 'hosts' ? `write hosts: { ${HOST} }` : 'write it without "- "'
  }
  // What is written there may be a secret that belongs elsewhere.
  const value = path[0] === 'announce' ? null : written(node.value)
  const form = value === null ? null : formOf(value, path, schema)
  return form === null || form === value ? null : `write ${keyed(path, form)}`
}

/** The value as it may stand at a path: in a list, or under the one key that must be there. null: that is not clear. */
function formOf(value: string, path: readonly PropertyKey[], schema: z.core.$ZodType, depth = 0): string | null {
  const types = typesAt(schema, path)
  if (types.some((type) => type === 'string' || type === 'number')) return value
  if (depth > MOST_NESTED) return null
  const within = (key: PropertyKey) => formOf(value, [...path, key], schema, depth + 1)
  if (types.includes('array')) {
    const item = within(0)
    return item === null ? null : `[${item}]`
  }
  const main = mainKey(path, schema)
  const inner = main === undefined ? null : within(main)
  return inner === null ? null : `{ ${main}: ${inner} }`
}

const MOST_NESTED = 3

/** Of a host, which may get it from elsewhere, its address. */
function mainKey(path: readonly PropertyKey[], schema: z.core.$ZodType): string | undefined {
  if (path.length === 2 && path[0] === 'hosts') return 'address'
  const required = requiredKeysAt(schema, path)
  return required.length === 1 ? required[0] : undefined
}

function keyed(path: readonly PropertyKey[], form: string): string {
  const last = path.at(-1)
  return typeof last === 'number' ? `- ${form}` : `${String(last)}: ${form}`
}

const LONGEST = 80

function written(value: string | number | boolean | null): string | null {
  const text = String(value)
  if (value === null || text.length > LONGEST || /[\x00-\x1f\x7f]/.test(text)) return null
  return typeof value !== 'string' || /^[A-Za-z0-9_./-]+$/.test(text) ? text : JSON.stringify(text)
}
