import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'

type Json = Readonly<Record<string, unknown>>

/** One operation of GitHub's own description of its REST API. */
export interface Operation {
  /** `GET /repos/{owner}/{repo}` */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  /** Why the request is not as described; null: it is. */
  problem(query: URLSearchParams, body: unknown): string | null
  /** Why an answer is none of the described ones; null: it is one. */
  answerProblem(status: number, body: unknown): string | null
}

const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json')
const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, allErrors: false })
const compiled = new Map<string, ValidateFunction>()
let description: Json | undefined

function paths(): Readonly<Record<string, Json>> {
  if (description === undefined) {
    description = JSON.parse(readFileSync(file, 'utf8')) as Json
    ajv.addSchema(description, 'github')
  }
  return description.paths as Record<string, Json>
}

/** The operation a request means; null: GitHub has none, and neither has the fake. */
export function findOperation(method: string, path: string): Operation | null {
  const verb = method.toLowerCase()
  const fits = Object.keys(paths())
    .filter((template) => paths()[template]?.[verb] !== undefined)
    .flatMap((template) => {
      const params = match(template, path)
      return params === null ? [] : [{ template, params }]
    })
    // `/users/{username}` and `/users/octocat`: the one with fewer placeholders is meant.
    .sort((a, b) => Object.keys(a.params).length - Object.keys(b.params).length)
  const [found] = fits
  return found === undefined ? null : operation(verb, found.template, found.params)
}

function match(template: string, path: string): Record<string, string> | null {
  const names: string[] = []
  // The last placeholder of a path, such as a file or a ref, may hold slashes.
  const pattern = template.replace(/\{([a-z_]+)\}/g, (_, name: string, at: number) => {
    names.push(name)
    const isOpen = ['path', 'ref'].includes(name) && at + name.length + 2 === template.length
    return isOpen ? '(.+)' : '([^/]+)'
  })
  const found = new RegExp(`^${pattern}$`).exec(path)
  return found && Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')]))
}

function operation(verb: string, template: string, params: Record<string, string>): Operation {
  const described = paths()[template]?.[verb] as Json
  const at = ['paths', template, verb]
  return {
    route: `${verb.toUpperCase()} ${template}`,
    params,
    problem: (query, body) => queryProblem(described, query) ?? bodyProblem(described, at, body),
    answerProblem: (status, body) => answerProblem(described, at, status, body),
  }
}

function queryProblem(described: Json, query: URLSearchParams): string | null {
  const known =
    (described.parameters as readonly Json[] | undefined)?.map((p) =>
      p.$ref === undefined ? p : resolve(p.$ref as string),
    ) ?? []
  const names = known.filter((p) => p.in === 'query').map((p) => p.name)
  const stranger = [...query.keys()].find((key) => !names.includes(key))
  return stranger === undefined ? null : `there is no query parameter ${stranger}`
}

function bodyProblem(described: Json, at: readonly string[], body: unknown): string | null {
  const content = (described.requestBody as Json | undefined)?.content as Json | undefined
  if (content?.['application/json'] === undefined) return body === undefined ? null : 'no body is described'
  if (body === undefined) return (described.requestBody as Json).required === true ? 'a body is required' : null
  const schema = (content['application/json'] as Json).schema as Json
  const strangers = Object.keys(body as Json).filter(
    (key) => schema.properties !== undefined && !(key in (schema.properties as Json)),
  )
  if (strangers.length > 0) return `the body has no property ${strangers.join(', ')}`
  return failure([...at, 'requestBody', 'content', 'application/json', 'schema'], body)
}

function answerProblem(described: Json, at: readonly string[], status: number, body: unknown): string | null {
  const responses = described.responses as Json
  // What any service in front of GitHub may answer is described nowhere.
  if (status === 401 || status === 429 || status >= 500) return null
  const answer = responses[String(status)] as Json | undefined
  if (answer === undefined) return status === 403 ? null : `the answer ${status} is not described`
  const where =
    answer.$ref === undefined ? [...at, 'responses', String(status)] : (answer.$ref as string).slice(2).split('/')
  const content = (answer.$ref === undefined ? answer : resolve(answer.$ref as string)).content as Json | undefined
  if (content?.['application/json'] === undefined) return null
  return failure([...where, 'content', 'application/json', 'schema'], body)
}

function failure(where: readonly string[], value: unknown): string | null {
  const pointer = where.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')
  const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `github#/${pointer}` })
  compiled.set(pointer, validate)
  return validate(value) ? null : ajv.errorsText(validate.errors)
}

function resolve(ref: string): Json {
  const parts = ref.slice(2).split('/')
  return parts.reduce<unknown>((node, part) => (node as Json)[part], description) as Json
}
