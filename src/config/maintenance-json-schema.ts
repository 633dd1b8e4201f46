import { z } from 'zod'
import { maintenanceFile } from './file-schema'

type Json = { [key: string]: unknown }

/**
 * The JSON Schema of the maintenance file for editors, made from the schema that reads it. Beside each list of the
 * stages stands its appending form, `checks+`. What depends on the whole file (names, cron, scripts) is left to the loader.
 */
export function maintenanceJsonSchema(): Json {
  const { $schema, ...schema } = z.toJSONSchema(maintenanceFile, {
    target: 'draft-2020-12',
    io: 'input',
    reused: 'inline',
  }) as Json
  const parts = schema.$defs as Record<string, Json>
  for (const [name, part] of Object.entries({ ...parts, file: schema }))
    withAppends(part, name === 'file' ? [] : [name])
  return {
    $schema,
    $id: 'maintenance.schema.json',
    title: 'Pitstop maintenance file',
    ...schema,
    anyOf: [{ required: ['hosts'] }, { required: ['inventory'] }],
  }
}

/** Lists can be appended to wherever something is laid over something else: in stages, and in the freeze of a window. */
function withAppends(node: unknown, path: readonly string[]): void {
  if (typeof node !== 'object' || node === null) return
  if (Array.isArray(node)) {
    for (const item of node) withAppends(item, path)
    return
  }
  const { properties, $defs: _, ...others } = node as { properties?: Record<string, Json>; $defs?: Json }
  for (const [key, value] of Object.entries(properties ?? {})) withAppends(value, [...path, key])
  for (const value of Object.values(others)) withAppends(value, path)
  if (properties === undefined || !isLaidOver(path)) return
  for (const [key, value] of Object.entries(properties)) {
    const list = listOf(value)
    if (list !== null) properties[`${key}+`] = appending(key, list)
  }
}

function isLaidOver(path: readonly string[]): boolean {
  const below = path.slice(path[0] === 'groups' ? 1 : 0)
  return below[0] === 'window' || (below[0] === 'stages' && below.length <= 2)
}

/** The list form of a value: a list itself, or one beside `false`. */
function listOf(value: Json): Json | null {
  if (value.type === 'array') return value
  const forms = Array.isArray(value.anyOf) ? (value.anyOf as readonly Json[]) : []
  const list = forms.find((form) => form.type === 'array')
  return list !== undefined && forms.some((form) => form.const === false) ? list : null
}

function appending(key: string, list: Json): Json {
  const { default: _, ...rest } = list
  return { ...rest, description: `Appended to \`${key}\` instead of replacing it.` }
}
