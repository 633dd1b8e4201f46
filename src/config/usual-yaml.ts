import {
  COLLECTION_STYLE,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
} from 'js-yaml'
import type { Place } from '../errors'
import { type Entry, pathBelow, type TreeNode } from './tree'
import { coreValue } from './yaml-core'

/** Tabs, CR, control characters, and what one reader takes for a line break or a byte order mark and another does not. */
const UNUSUAL_TEXT = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/
/** The mark of a document on a line of its own, with nothing but comments above it. */
const USUAL_START = /^(?:#.*\n|\n)*---\n/
const END = /^\.\.\./m
/** Behind a quoted value. */
const REST = / *(?:$|[\n,\]}]| #)/y
const MAX_DEPTH = 20
/** A little below the 1024 characters that YAML allows. */
const MAX_KEY_LENGTH = 1000

/**
 * The tree of a text in which nothing is wrong and nothing is unusual; undefined: it has to be read in full, by the reader
 * that knows what to say about each problem. It reads ten times as fast, so that a long list of hosts does not take a second.
 */
export function usualYamlTree(text: string, file: string): TreeNode | undefined {
  if (UNUSUAL_TEXT.test(text) || END.test(text)) return undefined
  const events = eventsOf(text)
  const [document, root] = events ?? []
  if (events === undefined || document?.type !== EVENT_ID.DOCUMENT || root?.type !== EVENT_ID.MAPPING) return undefined
  if (document.directives.length > 0 || (document.explicitStart && !USUAL_START.test(text))) return undefined
  const isAtMargin = root.start === 0 || text[root.start - 1] === '\n'
  const reader = new EventReader(text, file, events)
  const tree = isAtMargin ? reader.node('') : undefined
  return reader.isAtEnd ? tree : undefined
}

function eventsOf(text: string): Event[] | undefined {
  try {
    return parseEvents(text, { maxDepth: MAX_DEPTH })
  } catch {
    // Whatever is wrong with the text, or with this reader: the other one says it.
    return undefined
  }
}

/** Reads events in the order of the text. Each method that reads gives undefined for what is unusual, and reading ends. */
class EventReader {
  readonly #text: string
  readonly #file: string
  readonly #events: readonly Event[]
  /** The first event is that of the document. */
  #next = 1
  /** Behind the last scalar: what lies between it and the next belongs to neither. */
  #readTo = 0
  #line = 1
  #lineStart = 0
  #lineEnd: number

  constructor(text: string, file: string, events: readonly Event[]) {
    this.#text = text
    this.#file = file
    this.#events = events
    this.#lineEnd = this.#endOfLine(0)
  }

  /** Nothing follows but the end of the document: no second one. */
  get isAtEnd(): boolean {
    return this.#next === this.#events.length - 1
  }

  node(path: string): TreeNode | undefined {
    const event = this.#events[this.#next++]
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return undefined
    if (event.type === EVENT_ID.ALIAS || event.anchorStart >= 0 || event.tagStart >= 0) return undefined
    if (event.type === EVENT_ID.MAPPING) return this.#map(event, path)
    if (event.type === EVENT_ID.SEQUENCE) return this.#list(event, path)
    return this.#scalar(event, path)
  }

  #map(event: MappingEvent, path: string): TreeNode | undefined {
    // A pair in a list, `[a: b]`, is a mapping without braces.
    if (event.style === COLLECTION_STYLE.FLOW && this.#text[event.start] !== '{') return undefined
    const at = this.#place(event.start, path)
    const entries = new Map<string, Entry>()
    while (!this.#ends()) {
      const key = this.#key()
      if (key === undefined || entries.has(key.name)) return undefined
      const below = pathBelow(path, key.name)
      const keyAt = this.#place(key.start, below)
      const value = this.node(below)
      if (value === undefined) return undefined
      entries.set(key.name, { at: keyAt, appends: false, value })
    }
    return { kind: 'map', at, entries }
  }

  #list(event: SequenceEvent, path: string): TreeNode | undefined {
    const at = this.#place(event.start, path)
    const items: TreeNode[] = []
    while (!this.#ends()) {
      // An empty item has no place of its own.
      if (isEmpty(this.#events[this.#next])) return undefined
      const item = this.node(pathBelow(path, items.length))
      if (item === undefined) return undefined
      items.push(item)
    }
    return { kind: 'list', at, items }
  }

  #ends(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }

  /** A text on one line, with its colon right behind it. */
  #key(): { readonly name: string; readonly start: number } | undefined {
    const event = this.#events[this.#next++]
    if (event?.type !== EVENT_ID.SCALAR || event.anchorStart >= 0 || event.tagStart >= 0 || isEmpty(event))
      return undefined
    if (isBlock(event) || event.valueEnd - event.valueStart > MAX_KEY_LENGTH) return undefined
    const name = getScalarValue(this.#text, event)
    const start = startOf(event)
    const isOnOneLine = !this.#text.slice(start, event.valueEnd).includes('\n')
    this.#readTo = endOf(event)
    const isUsual = isOnOneLine && this.#text[this.#readTo] === ':' && name !== '<<' && name !== '__proto__'
    return isUsual ? { name, start } : undefined
  }

  #scalar(event: ScalarEvent, path: string): TreeNode | undefined {
    const start = this.#startOfValue(event)
    const at = this.#place(start, path)
    this.#readTo = isEmpty(event) ? this.#readTo : endOf(event)
    const text = getScalarValue(this.#text, event)
    if (!this.#isUsualScalar(event, start, text)) return undefined
    return { kind: 'scalar', at, value: event.style === SCALAR_STYLE.PLAIN ? coreValue(text) : text }
  }

  /** A block with text and no number for its indentation; quotes with nothing behind them that could belong to the text. */
  #isUsualScalar(event: ScalarEvent, start: number, text: string): boolean {
    if (isBlock(event)) return /[^ \n]/.test(text) && !/\d/.test(this.#text.slice(start, start + 3))
    if (event.style === SCALAR_STYLE.PLAIN) return true
    REST.lastIndex = this.#readTo
    return REST.test(this.#text)
  }

  #startOfValue(event: ScalarEvent): number {
    // Nothing stands behind a colon: the value would begin after the spaces that follow it.
    if (isEmpty(event)) return this.#afterSpaces(this.#readTo + 1)
    if (!isBlock(event)) return startOf(event)
    // `key: | # why`: the header ends the line above the text.
    const header = this.#text.lastIndexOf('\n', event.valueStart - 2) + 1
    const from = Math.max(header, this.#readTo)
    return from + this.#text.slice(from, event.valueStart).search(/[|>]/)
  }

  #afterSpaces(offset: number): number {
    let end = offset
    while (this.#text[end] === ' ') end++
    return end
  }

  /** @param offset never before that of the last call */
  #place(offset: number, path: string): Place {
    while (offset > this.#lineEnd) {
      this.#line++
      this.#lineStart = this.#lineEnd + 1
      this.#lineEnd = this.#endOfLine(this.#lineStart)
    }
    return { file: this.#file, line: this.#line, column: offset - this.#lineStart + 1, path }
  }

  #endOfLine(start: number): number {
    const end = this.#text.indexOf('\n', start)
    return end < 0 ? this.#text.length : end
  }
}

function isEmpty(event: Event | undefined): boolean {
  return event?.type === EVENT_ID.SCALAR && event.valueStart < 0
}

function isBlock({ style }: ScalarEvent): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
}

/** The value stands between the quotes. */
function startOf(event: ScalarEvent): number {
  return event.style === SCALAR_STYLE.PLAIN ? event.valueStart : event.valueStart - 1
}

function endOf(event: ScalarEvent): number {
  return event.style === SCALAR_STYLE.PLAIN || isBlock(event) ? event.valueEnd : event.valueEnd + 1
}
