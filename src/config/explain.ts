import type { z } from 'zod'
import type { Problem } from '../errors'
import { nearest } from './nearest'
import { rightForm } from './right-form'
import { keysAt } from './schema-keys'
import { descend, placeOf, plain, type TreeNode, writtenPath } from './tree'

/** Checks a tree against a schema. All problems at once, each at its place in the file, with the nearest right word. */
export function check<T extends z.ZodType>(
  schema: T,
  tree: TreeNode,
): { readonly value: z.output<T> | undefined; readonly problems: readonly Problem[] } {
  const result = schema.safeParse(plain(tree), { error: inPlainWords })
  if (result.success) return { value: result.data, problems: [] }
  const explainer = new Explainer(schema, tree)
  return { value: undefined, problems: result.error.issues.flatMap((issue) => explainer.explain(issue, [])) }
}

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

class Explainer {
  readonly #schema: z.ZodType
  readonly #tree: TreeNode

  constructor(schema: z.ZodType, tree: TreeNode) {
    this.#schema = schema
    this.#tree = tree
  }

  explain(issue: Issue, above: Path): Problem[] {
    const path = [...above, ...issue.path]
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.#unknownKey(path, key))
    if (issue.code === 'invalid_union') return this.#union(issue, path)
    if (issue.code === 'invalid_value')
      return [this.#problem(path, issue.message, this.#nearestValue(path, issue.values))]
    if (issue.code === 'invalid_key') return issue.issues.map((inner) => this.#problem(path, inner.message))
    const expected = issue.code === 'invalid_type' ? [issue.expected] : []
    return [this.#problem(path, `${issue.message}${this.#rightForm(expected, path)}`)]
  }

  /** Where a single value stands in place of a list or mapping: how the same would be written. */
  #rightForm(expected: readonly string[], path: Path): string {
    const node = descend(this.#tree, path)
    const form = node === undefined ? null : rightForm(expected, path, node, this.#schema)
    return form === null ? '' : `: ${form}`
  }

  #problem(path: Path, message: string, near?: string): Problem {
    const place = placeOf(this.#tree, path)
    return {
      ...(place ?? {}),
      path: writtenPath(this.#tree, path),
      message,
      ...(near === undefined ? {} : { nearest: near }),
    }
  }

  #unknownKey(path: Path, key: string): Problem {
    const known = keysAt(this.#schema, path)
    const near = nearest(key.replace(/\+$/, ''), known)
    return this.#problem([...path, key], `"${shown(key)}" is not a key here`, near)
  }

  #nearestValue(path: Path, values: readonly unknown[]): string | undefined {
    const node = descend(this.#tree, path)
    if (node?.kind !== 'scalar' || typeof node.value !== 'string') return undefined
    return nearest(
      node.value,
      values.filter((v) => typeof v === 'string'),
    )
  }

  /** Of several forms, the one that the writer chose: its key or its type fits. */
  #union(issue: z.core.$ZodIssueInvalidUnion, path: Path): Problem[] {
    const forms = issue.errors
    const fitting = forms.filter((issues) => !issues.some((i) => isWrongType(i) || isWrongKey(i)))
    const chosen = fitting[0]
    if (chosen !== undefined) return chosen.flatMap((inner) => this.explain(inner, path))
    const node = descend(this.#tree, path)
    const byKey = forms.filter((issues) => !issues.some(isWrongType))
    if (node?.kind === 'map' && byKey.length > 0) return this.#wrongForm(byKey, [...node.entries.keys()], path)
    const messages = forms.flatMap((issues) => issues.filter(isWrongType).map((i) => i.message))
    const expected = forms.flat().flatMap((i) => (i.code === 'invalid_type' && i.path.length === 0 ? [i.expected] : []))
    return [
      this.#problem(path, `${eitherOf(messages)}${this.#rightForm(expected, path)}`, this.#nearestOfForms(forms, path)),
    ]
  }

  #wrongForm(forms: readonly Issue[][], written: readonly string[], path: Path): Problem[] {
    const known = keysAt(this.#schema, path)
    const only = forms.length === 1 ? forms[0] : undefined
    if (only !== undefined) return only.flatMap((inner) => this.explain(inner, path))
    const unknown = written.filter((key) => !known.includes(key))
    if (unknown.length > 0) return unknown.map((key) => this.#unknownKey(path, key))
    return [this.#problem(path, `expected exactly one of ${known.join(', ')}`)]
  }

  #nearestOfForms(forms: readonly Issue[][], path: Path): string | undefined {
    const values = forms.flat().flatMap((i) => (i.code === 'invalid_value' && i.path.length === 0 ? [...i.values] : []))
    return this.#nearestValue(path, values)
  }
}

function isWrongType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

function isWrongKey(issue: Issue): boolean {
  return issue.path.length === 0 && issue.code === 'unrecognized_keys'
}

function eitherOf(messages: readonly string[]): string {
  const wanted = new Set(messages.map((m) => m.replace(/^(?:has no value, )?expected /, '')))
  const head = messages.every((m) => m.startsWith('has no value')) ? 'has no value, ' : ''
  return `${head}expected ${[...wanted].join(' or ')}`
}

/** A key as a message may show it: one short line. */
function shown(key: string): string {
  return key.length > 80 ? `${key.slice(0, 80)}…` : key
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text (in quotes if it looks like a number or true or false)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
}

/** Messages of the schema library in the words of the file. Messages of our own schemas win over these. */
function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    const expected = TYPE_NAMES[issue.expected] ?? issue.expected
    if (issue.input === undefined) return 'is missing'
    return issue.input === null ? `has no value, expected ${expected}` : `expected ${expected}`
  }
  if (issue.code === 'invalid_value') {
    const expected = `expected ${listed(issue.values.map(String))}`
    if (issue.input === undefined) return 'is missing'
    return issue.input === null ? `has no value, ${expected}` : expected
  }
  if (issue.code === 'too_small') return tooSmall(issue)
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}${ofWhat(issue.origin)}`
  return undefined
}

/** `a, b or c` */
function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

function tooSmall(issue: z.core.$ZodRawIssue & { code: 'too_small' }): string {
  if (issue.minimum === 1 && issue.origin !== 'number' && issue.origin !== 'int') return 'must not be empty'
  return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${ofWhat(issue.origin)}`
}

function ofWhat(origin: string): string {
  if (origin === 'string') return ' characters'
  return origin === 'array' ? ' items' : ''
}
