import type { z } from 'zod'

type Path = readonly PropertyKey[]

type Def = z.core.$ZodTypeDef & {
  readonly shape?: Record<string, z.core.$ZodType>
  readonly valueType?: z.core.$ZodType
  readonly element?: z.core.$ZodType
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly options?: readonly z.core.$ZodType[]
}

const defOf = (schema: z.core.$ZodType): Def => schema._zod.def

/** The keys that a schema knows at a path; of a union, those of all its forms. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  return [...new Set(formsAt(schema, path).flatMap((form) => Object.keys(defOf(form).shape ?? {})))]
}

/** The keys at a path that may not be left out. */
export function requiredKeysAt(schema: z.core.$ZodType, path: Path): string[] {
  return formsAt(schema, path).flatMap((form) =>
    Object.entries(defOf(form).shape ?? {}).flatMap(([key, inner]) => (inner._zod.optin === undefined ? [key] : [])),
  )
}

/** What may stand at a path: the types of all its forms, as the schema library calls them. */
export function typesAt(schema: z.core.$ZodType, path: Path): string[] {
  return formsAt(schema, path).map((form) => defOf(form).type)
}

function formsAt(schema: z.core.$ZodType, [first, ...rest]: Path): z.core.$ZodType[] {
  if (first === undefined) return formsOf(schema)
  return formsOf(schema).flatMap((form) => {
    const def = defOf(form)
    const inner = def.shape?.[String(first)] ?? def.valueType ?? def.element
    return inner === undefined ? [] : formsAt(inner, rest)
  })
}

/** A schema without its wrappers; a union as its forms. */
function formsOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = defOf(schema)
  if (def.options !== undefined) return def.options.flatMap(formsOf)
  const inner = def.innerType ?? def.in
  return inner === undefined ? [schema] : formsOf(inner)
}
