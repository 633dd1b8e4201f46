import { ConfigError } from '../errors'
import { encodedForms } from './secret-forms'

/** A value that must never be seen. `name` says in messages which one it is. */
export interface SecretValue {
  readonly name: string
  readonly value: string
}

/** Shorter secrets would be found in ordinary words, and GitHub would blank outputs that hold them. */
export const SHORTEST_SECRET = 6
export const MASK = '***'

interface Needle {
  readonly text: string
  /** Base64 is printed in lines: the needle is also looked for with line ends taken out. */
  readonly wraps: boolean
}

type Range = readonly [from: number, to: number]

/** Takes secrets out of text that came from hosts and services, in every form they are likely to appear (H10). */
export class Redactor {
  readonly #byStart = new Map<string, Needle[]>()
  readonly #longest: number
  /** By the low bytes of two characters: 1 where some secret may begin with them. */
  readonly #pairs = new Uint8Array(65_536)

  /** @throws ConfigError for a secret under 6 characters; the message names it and does not show it */
  constructor(secrets: readonly SecretValue[]) {
    const short = secrets.filter(({ value }) => value.trim().length < SHORTEST_SECRET)
    if (short.length > 0) {
      const problems = short.map(({ name }) => ({
        path: name,
        message: `a secret under ${SHORTEST_SECRET} characters cannot be masked`,
      }))
      throw new ConfigError(problems, { hint: 'Use a longer secret.' })
    }
    const needles = new Map<string, Needle>()
    for (const { value } of secrets) {
      for (const form of encodedForms(value, SHORTEST_SECRET)) {
        needles.set(form.text, { ...form, wraps: form.wraps || needles.get(form.text)?.wraps === true })
      }
    }
    for (const needle of needles.values()) {
      const start = needle.text.slice(0, SHORTEST_SECRET)
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), needle])
    }
    for (const start of this.#byStart.keys()) this.#pairs[pairAt(start, 0)] = 1
    this.#longest = Math.max(0, ...[...needles.values()].map((n) => n.text.length))
  }

  /** The whole text with every secret replaced by `***`. */
  text(text: string): string {
    return replace(text, this.#find(text))
  }

  /** Whether the text holds a secret in any form. */
  holds(text: string): boolean {
    return this.#find(text).length > 0
  }

  /** A redactor for one stream of chunks: what might be the beginning of a secret is held back until the next chunk. */
  stream(): RedactedStream {
    let pending = ''
    const cut = (text: string): readonly [now: string, later: string] => {
      const ranges = this.#find(text)
      let at = this.#openFrom(text)
      for (const [from, to] of [...ranges].reverse()) if (from < at && to > at) at = from
      const before = ranges.filter(([, to]) => to <= at)
      return [replace(text.slice(0, at), before), text.slice(at)]
    }
    return {
      push: (chunk) => {
        const [now, later] = cut(pending + chunk)
        pending = later
        return now
      },
      end: () => {
        const rest = this.text(pending)
        pending = ''
        return rest
      },
    }
  }

  #find(text: string): readonly Range[] {
    if (this.#byStart.size === 0) return []
    const ranges = this.#scan(text, false)
    if (/[\r\n]/.test(text)) {
      const { compact, positions } = withoutLineEnds(text)
      for (const [from, to] of this.#scan(compact, true))
        ranges.push([positions[from] ?? 0, (positions[to - 1] ?? 0) + 1])
    }
    return joined(ranges)
  }

  /** Where a secret may begin that is not complete yet; the length of the text when there is none. */
  #openFrom(text: string): number {
    if (this.#byStart.size === 0) return text.length
    const plain = this.#openIn(text, false)
    const { compact, positions } = withoutLineEnds(text)
    const wrapped = compact.length === text.length ? plain : (positions[this.#openIn(compact, true)] ?? text.length)
    // Line ends without end cannot hold back more than the longest secret, broken into lines of two characters.
    return Math.max(Math.min(plain, wrapped), text.length - Math.ceil(this.#longest * 1.5))
  }

  #openIn(text: string, onlyWrapping: boolean): number {
    for (let at = Math.max(0, text.length - this.#longest); at + SHORTEST_SECRET <= text.length; at++) {
      const needles = this.#byStart.get(text.slice(at, at + SHORTEST_SECRET)) ?? []
      if (needles.some((n) => (n.wraps || !onlyWrapping) && n.text.startsWith(text.slice(at)))) return at
    }
    for (let at = Math.max(0, text.length - SHORTEST_SECRET + 1); at < text.length; at++) {
      const end = text.slice(at)
      for (const start of this.#byStart.keys()) if (start.startsWith(end)) return at
    }
    return text.length
  }

  #scan(text: string, onlyWrapping: boolean): Range[] {
    const ranges: Range[] = []
    for (let at = 0; at + SHORTEST_SECRET <= text.length; at++) {
      // Two characters rule out nearly every place, without a look at the map.
      if (this.#pairs[pairAt(text, at)] === 0) continue
      for (const needle of this.#byStart.get(text.slice(at, at + SHORTEST_SECRET)) ?? []) {
        if ((needle.wraps || !onlyWrapping) && text.startsWith(needle.text, at))
          ranges.push([at, at + needle.text.length])
      }
    }
    return ranges
  }
}

function pairAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 255) << 8) | (text.charCodeAt(at + 1) & 255)
}

export interface RedactedStream {
  /** What of the text so far is safe to pass on. */
  push(chunk: string): string
  /** The rest. */
  end(): string
}

function withoutLineEnds(text: string): { compact: string; positions: readonly number[] } {
  const positions: number[] = []
  for (let at = 0; at < text.length; at++) if (text[at] !== '\n' && text[at] !== '\r') positions.push(at)
  return { compact: text.replace(/[\r\n]/g, ''), positions }
}

function joined(ranges: Range[]): readonly Range[] {
  const out: [number, number][] = []
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const last = out.at(-1)
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}

function replace(text: string, ranges: readonly Range[]): string {
  let out = ''
  let at = 0
  for (const [from, to] of ranges) {
    out += text.slice(at, from) + MASK
    at = to
  }
  return out + text.slice(at)
}
