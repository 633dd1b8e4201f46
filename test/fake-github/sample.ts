import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

type Json = Readonly<Record<string, unknown>>

const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
let description: Json | undefined

/** The smallest value that GitHub's description of a named schema allows, for answers nobody reads much of. */
export function sampleOf(schema: string, own: Json = {}): Json {
  return { ...(sample({ $ref: `#/components/schemas/${schema}` }) as Json), ...own }
}

function sample(schema: Json): unknown {
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref))
  if (Array.isArray(schema.enum)) return schema.enum[0]
  const forms = (schema.oneOf ?? schema.anyOf) as readonly Json[] | undefined
  if (schema.nullable === true) return null
  if (forms?.[0] !== undefined) return sample(forms[0])
  if (Array.isArray(schema.allOf)) return Object.assign({}, ...(schema.allOf as Json[]).map(sample))
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return 'x'.repeat(Number(schema.minLength ?? 1))
    case 'integer':
    case 'number':
      return 1
    case 'boolean':
      return false
    case 'array':
      return []
    case 'null':
      return null
    default:
      return sampleObject(schema)
  }
}

function sampleObject(schema: Json): Json {
  const properties = (schema.properties ?? {}) as Record<string, Json>
  const required = (schema.required ?? []) as readonly string[]
  return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]))
}

function resolve(ref: string): Json {
  description ??= JSON.parse(readFileSync(file, 'utf8')) as Json
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>((node, part) => (node as Json)[part], description) as Json
}
