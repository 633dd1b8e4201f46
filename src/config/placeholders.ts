import type { Problem } from '../errors'
import { nearest } from './nearest'
import { type TreeNode, walk } from './tree'

const WORDS = ['host', 'address', 'group'] as const

/** What the same things are called elsewhere. */
const ELSEWHERE: Readonly<Record<string, (typeof WORDS)[number]>> = {
  hostname: 'host',
  host_name: 'host',
  inventory_hostname: 'host',
  server: 'host',
  ansible_host: 'address',
  fqdn: 'address',
  ip: 'address',
  addr: 'address',
  group_name: 'group',
  role: 'group',
}

/** `{{ x }}` of other tools, or `{x}`; not `${x}`, `%{x}`, `@{x}`, which mean something to shell, curl and git. */
const BRACED = /(?<![$%@\\])(?:\{\{\s*([A-Za-z_]\w*)\s*\}\}|(?<!\{)\{([A-Za-z_]\w*)\}(?!\}))/g

/** Texts for people or for comparison, in which braces are just braces. */
const PLAIN_KEYS: ReadonlySet<PropertyKey | undefined> = new Set(['contains', 'reason', 'owner', 'name', 'match'])

/** Words in braces that can only be meant as a placeholder and are none: they would reach the shell as they stand. */
export function placeholderProblems(tree: TreeNode): Problem[] {
  const problems: Problem[] = []
  for (const [path, node] of walk(tree)) {
    if (node.kind !== 'scalar' || typeof node.value !== 'string' || !node.value.includes('{')) continue
    if (node.at === null || PLAIN_KEYS.has(path.at(-1))) continue
    for (const wrong of misplaced(node.value)) problems.push({ ...node.at, ...wrong })
  }
  return problems
}

function* misplaced(text: string): Generator<Pick<Problem, 'message' | 'nearest'>> {
  for (const [whole, doubled, single] of text.matchAll(BRACED)) {
    const meant = meantBy((doubled ?? single ?? '').toLowerCase())
    if (meant === undefined || whole === `{${meant}}`) continue
    yield { message: `${whole} is no placeholder (there are {host}, {address} and {group})`, nearest: `{${meant}}` }
  }
}

function meantBy(word: string): string | undefined {
  return Object.hasOwn(ELSEWHERE, word) ? ELSEWHERE[word] : nearest(word, WORDS)
}
