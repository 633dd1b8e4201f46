import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  Parser,
} from 'yaml'
import type { Place, Problem } from '../errors'
import { type Entry, pathBelow, type TreeNode } from './tree'
import { usualYamlTree } from './usual-yaml'
import { excerptOf, syntaxSentence, wrongIndentation } from './yaml-syntax'

export const MAX_FILE_BYTES = 1_048_576
const MAX_DEPTH = 20
/** Of a shorter text one library is the only judge: it takes no tenth of a second. */
const LONG = 50_000

export interface YamlOptions {
  /** What a value with a tag is read as; left out: it is a problem. */
  readonly tagged?: string
}

export interface ParsedTree {
  /** Undefined when the text is not YAML; what is YAML and not read here is left out of it, and a problem. */
  readonly tree: TreeNode | undefined
  readonly problems: readonly Problem[]
}

/**
 * YAML 1.2 core, one document, without aliases, anchors, tags, directives, merge keys, duplicate keys or tabs between
 * values, at most 20 deep and 1 MiB (hazard: nesting, aliases and `__proto__`). Every node keeps its place.
 */
export function parseYamlTree(bytes: Uint8Array, file: string, options: YamlOptions = {}): ParsedTree {
  const reader = new TreeReader(file, new LineCounter())
  const text = reader.decode(bytes)
  if (text === undefined) return { tree: undefined, problems: reader.problems }
  const usual = text.length < LONG ? undefined : usualYamlTree(text, file)
  return usual === undefined ? composedYamlTree(text, file, options) : { tree: usual, problems: [] }
}

/** The same of a text that is decoded, whatever is in it. Slow: each token is kept, to be judged. */
export function composedYamlTree(text: string, file: string, options: YamlOptions = {}): ParsedTree {
  const lines = new LineCounter()
  const reader = new TreeReader(file, lines, { ...options, text })
  const tokens = [...new Parser(lines.addNewLine).parse(text)]
  // Composing recurses, so what is too deep is not composed; any other problem leaves more to be told at once.
  if (!reader.checkTokens(tokens)) return { tree: undefined, problems: reader.problems }
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, strict: true })
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  if (second !== undefined) reader.problem(second.range[0], '', 'the file holds more than one document')
  // Where the syntax is wrong the rest of the file is not what its author meant: nothing more is said about it.
  if (document !== undefined && !reader.checkDocument(document as Document))
    return { tree: undefined, problems: reader.problems }
  const isSound = reader.problems.length === 0
  const tree = reader.node(document?.contents as Node | null | undefined, '')
  reader.checkTags(document as Document | undefined)
  return { tree: isSound ? tree : undefined, problems: reader.problems }
}

const TAGS = 'tags (!…) are not read'

class TreeReader {
  readonly problems: Problem[] = []
  readonly #file: string
  readonly #lines: LineCounter
  readonly #tagged: string | undefined
  readonly #text: string

  constructor(file: string, lines: LineCounter, { tagged, text = '' }: YamlOptions & { readonly text?: string } = {}) {
    this.#file = file
    this.#text = text
    this.#lines = lines
    this.#tagged = tagged
  }

  /** @param path as text, made longer on the way down: a long file has tens of thousands of nodes */
  place(offset: number | undefined, path: string): Place {
    const { line, col } = this.#lines.linePos(offset ?? 0)
    return { file: this.#file, line: Math.max(1, line), column: Math.max(1, col), path }
  }

  problem(offset: number | undefined, path: string, message: string): void {
    this.problems.push({ ...this.place(offset, path), message })
  }

  /** What is wrong in the letters of a file is best seen there. */
  #syntaxProblem(offset: number, what = 'the syntax is wrong here'): void {
    this.#seen(offset, `this is not YAML: ${what}`)
  }

  #seen(offset: number, message: string): void {
    const place = this.place(offset, '')
    const line = this.#text.split('\n')[place.line - 1] ?? ''
    this.problems.push({ ...place, message, excerpt: excerptOf(line, place.column) })
  }

  decode(bytes: Uint8Array): string | undefined {
    if (bytes.length > MAX_FILE_BYTES) {
      this.problem(0, '', `the file has ${bytes.length} bytes, at most ${MAX_FILE_BYTES} (1 MiB) are read`)
      return undefined
    }
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    } catch {
      this.problem(0, '', 'the file is not UTF-8 text')
      return undefined
    }
  }

  /** Depth is judged on tokens, which are read without recursion: a deep file cannot exhaust the stack. false: too deep. */
  checkTokens(tokens: readonly CST.Token[]): boolean {
    const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }))
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { token, depth } = next
      if (token.type === 'directive') this.problem(token.offset, '', 'directives (%…) are not read')
      if (depth > MAX_DEPTH) {
        this.problem(token.offset, '', `nested more than ${MAX_DEPTH} deep`)
        return false
      }
      this.#checkTabs(token)
      for (const inner of innerTokens(token)) stack.push({ token: inner, depth: depth + (isCollection(inner) ? 1 : 0) })
    }
    return true
  }

  #checkTabs(token: CST.Token): void {
    const around = 'items' in token ? token.items.flatMap((item) => [...item.start, ...(item.sep ?? [])]) : []
    for (const part of around) {
      if (part.type === 'space' && part.source.includes('\t')) this.#seen(part.offset, 'a tab stands here, use spaces')
    }
  }

  /** false: the syntax is wrong. A tab is told by its token already, and hides nothing of what stands around it. */
  checkDocument(document: Document): boolean {
    const errors = document.errors.filter((error) => error.code !== 'TAB_AS_INDENT' || this.problems.length === 0)
    for (const error of errors) {
      const offset = wrongIndentation(error, errors, this.#text)
      this.#syntaxProblem(offset ?? error.pos[0], syntaxSentence(error, offset !== null, this.#text))
      // Behind a wrong indentation or a character that no syntax allows there, nothing is where its author meant it: what
      // the library says then is no second fault.
      if (offset !== null || error.code === 'UNEXPECTED_TOKEN') break
    }
    return errors.length === 0
  }

  /** The library warns of tags that it does not know; most of them were found at their node, which knows its path. */
  checkTags(document: Document | undefined): void {
    if (this.#tagged !== undefined || this.problems.some((p) => p.message === TAGS)) return
    for (const warning of document?.warnings ?? []) this.problem(warning.pos[0], '', TAGS)
  }

  node(node: Node | null | undefined, path: string): TreeNode {
    const offset = node?.range?.[0]
    const at = this.place(offset, path)
    if (node === null || node === undefined) return { kind: 'scalar', at, value: null }
    if (isAlias(node)) {
      this.problem(offset, path, 'aliases (*…) are not read: write the value out')
      return { kind: 'scalar', at, value: null }
    }
    if (hasTag(node) && this.#tagged !== undefined) return { kind: 'scalar', at, value: this.#tagged }
    if (hasTag(node)) this.problem(offset, path, TAGS)
    if (node.anchor !== undefined) this.problem(offset, path, 'anchors (&…) are not read')
    if (isMap(node))
      return { kind: 'map', at, entries: this.#entries(node.items as Pair<Node | null, Node | null>[], path) }
    if (isSeq(node)) {
      return {
        kind: 'list',
        at,
        items: node.items.map((item, i) => this.node(item as Node | null, pathBelow(path, i))),
      }
    }
    return { kind: 'scalar', at, value: this.#scalar(node, path) }
  }

  #entries(pairs: readonly Pair<Node | null, Node | null>[], path: string): Map<string, Entry> {
    const entries = new Map<string, Entry>()
    for (const pair of pairs) {
      const key = this.#key(pair.key, path)
      if (key === undefined) continue
      const below = pathBelow(path, key)
      const at = this.place(pair.key?.range?.[0], below)
      const value = this.node(pair.value, below)
      const first = entries.get(key)?.at
      if (first !== undefined)
        this.problems.push({ ...at, message: `"${key}" is here twice; the first is on line ${first?.line}` })
      else entries.set(key, { at, appends: false, value })
    }
    return entries
  }

  #key(node: Node | null, path: string): string | undefined {
    if (!isScalar(node) || hasTag(node) || node.anchor !== undefined) {
      this.problem(node?.range?.[0], path, 'a key must be plain text, without tag, anchor or alias')
      return undefined
    }
    const key = typeof node.value === 'string' ? node.value : (node.source ?? '')
    if (key === '<<') this.problem(node.range?.[0], path, 'merge keys (<<) are not read: write the values out')
    if (key === '__proto__') this.problem(node.range?.[0], path, '"__proto__" cannot be a name')
    return key === '<<' || key === '__proto__' ? undefined : key
  }

  #scalar(node: Node, path: string): string | number | boolean | null {
    const value: unknown = isScalar(node) ? node.value : undefined
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return value
    this.problem(node.range?.[0], path, 'this value is neither text, number, true, false nor empty')
    return null
  }
}

/** The composer sets `tag` only where one was written. */
function hasTag(node: Node): boolean {
  return node.tag !== undefined
}

function isCollection(token: CST.Token): boolean {
  return token.type === 'block-map' || token.type === 'block-seq' || token.type === 'flow-collection'
}

function innerTokens(token: CST.Token): CST.Token[] {
  const inner: CST.Token[] = []
  if (token.type === 'document' && token.value) inner.push(token.value)
  if (!('items' in token)) return inner
  for (const item of token.items) {
    if (item.key) inner.push(item.key)
    if (item.value) inner.push(item.value)
  }
  return inner
}
