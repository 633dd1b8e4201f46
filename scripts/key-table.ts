import { maintenanceJsonSchema } from '../src/config/maintenance-json-schema'

interface Node {
  readonly $ref?: string
  readonly description?: string
  readonly default?: unknown
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly not?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
  readonly oneOf?: readonly Node[]
  readonly additionalProperties?: Node | boolean
}

interface Row {
  readonly path: string
  readonly values: string
  readonly fallback: string
  readonly meaning: string
}

const MOST_DEPTH = 10

/** Every key of the maintenance file as markdown, made from the schema that reads it. */
export function keyTable(): string {
  const schema = maintenanceJsonSchema() as Node & { $defs?: Readonly<Record<string, Node>> }
  const rows: Row[] = []
  walk(schema, '', 0, schema.$defs ?? {}, rows)
  const all = new Map(rows.map((row) => [row.path, row]))
  // A list of windows takes the keys of one window.
  const unique = [...all.values()].filter((row) => !row.path.includes('window[].'))
  const sections = [...new Set(unique.map((row) => sectionOf(row.path)))]
  return [
    '# Every key of the maintenance file',
    '',
    'Made from the schema that reads the file (`npm run schema`); `schema/maintenance.schema.json` gives the same to an editor.',
    'Durations are `90s 10m 3h 7d`, sizes `200MB` or `1GiB`, shares `25%`. A list replaces the default list; the same key with a',
    '`+` behind it (`checks+:`) appends to it. `[]` stands for each item of a list, `NAME` for a name of yours.',
    '`groups.NAME.stages` takes everything that `stages` takes, and is laid over it.',
    '',
    ...sections.flatMap((section) => [
      `## ${section}`,
      '',
      '| key | values | default | meaning |',
      '|---|---|---|---|',
      ...unique.filter((row) => sectionOf(row.path) === section).map(line),
      '',
    ]),
  ].join('\n')
}

function line({ path, values, fallback, meaning }: Row): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  const code = (text: string) => (text === '' ? '' : `\`${cell(text)}\``)
  return `| ${code(path)} | ${code(values)} | ${code(fallback)} | ${cell(meaning)} |`
}

function sectionOf(path: string): string {
  const [first = '', second] = path.split('.')
  return first === 'stages' && second !== undefined
    ? `stages.${second.replace(/\[\]$/, '')}`
    : first.replace(/\[\]$/, '')
}

function walk(given: Node, path: string, depth: number, defs: Readonly<Record<string, Node>>, rows: Row[]): void {
  const node = given.$ref === undefined ? given : { ...defs[given.$ref.split('/').at(-1) ?? ''], ...given }
  if (depth > MOST_DEPTH) return
  for (const [key, value] of Object.entries(node.properties ?? {})) {
    if (key.endsWith('+') || (path === 'groups.NAME' && key === 'stages')) continue
    const below = value.$ref === undefined ? value : { ...defs[value.$ref.split('/').at(-1) ?? ''], ...value }
    const own = path === '' ? key : `${path}.${key}`
    rows.push({ path: own, values: valuesOf(below), fallback: fallbackOf(below), meaning: meaningOf(below) })
    walk(below, own, depth + 1, defs, rows)
  }
  if (node.items) walk(node.items, `${path}[]`, depth + 1, defs, rows)
  for (const part of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) walk(part, path, depth, defs, rows)
  if (typeof node.additionalProperties === 'object')
    walk(node.additionalProperties, `${path}.NAME`, depth + 1, defs, rows)
}

function valuesOf(node: Node): string {
  if (node.enum) return node.enum.join(' ')
  if (node.const !== undefined) return String(node.const)
  const words = [...(node.anyOf ?? []), ...(node.oneOf ?? [])].map(valuesOf).filter((w) => w !== '' && w !== 'object')
  return [...new Set(words)].join(' ') || (node.type === 'object' || node.type === undefined ? '' : node.type)
}

function fallbackOf({ default: fallback }: Node): string {
  if (fallback === undefined || JSON.stringify(fallback) === '{}') return ''
  return typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
}

function meaningOf(node: Node): string {
  return node.not === undefined ? (node.description ?? '') : 'Not available in this version: refused.'
}
