import { type NotedPart, noteSchema, oldPlan, type ProgramNote, partsSchema } from './note-schema'

/** More than any note of ours is deep; what is deeper is not read at all. */
const DEEPEST = 40

/** One note; null: torn, forged, or of a version that is not known here. */
export function parseNoteText(text: string): ProgramNote | null {
  if (isTooDeep(text)) return null
  const json = parseJson(text)
  const note = noteSchema.safeParse(json)
  if (!note.success) return null
  const plan = (json as { readonly plan?: unknown }).plan
  if (plan === undefined || note.data.parts !== undefined) return note.data
  const parts = partsOfOldPlan(plan)
  return parts === null ? null : { ...note.data, parts }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Brackets outside of strings, in one pass. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let isString = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    if (isString && c === '\\') i++
    else if (c === '"') isString = !isString
    else if (!isString && (c === '{' || c === '[') && ++depth > DEEPEST) return true
    else if (!isString && (c === '}' || c === ']')) depth--
  }
  return false
}

/** null: not a plan of ours, so nobody can tell what was begun by it. */
function partsOfOldPlan(json: unknown): NotedPart[] | null {
  const plan = oldPlan.safeParse(json)
  if (!plan.success) return null
  const { drain, update } = plan.data.stages
  const old = (kind: NotedPart['kind'], name: string) => ({ kind, name, digest: null, isSecret: false })
  const parts = partsSchema.safeParse([
    ...drain.traffic.map(({ command }) => old('driver', command.on)),
    ...drain.services.map((name) => old('service', name)),
    ...update.apps.map(({ name }) => old('app', name)),
  ])
  return parts.success ? parts.data : null
}
