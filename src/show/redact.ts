import { ConfigError } from '../errors'
import { type Needle, NeedleAutomaton, type Range } from './needle-automaton'
import { encodedForms } from './secret-forms'

/** A value that must never be seen. `name` says in messages which one it is. */
export interface SecretValue {
  readonly name: string
  readonly value: string
}

/** Shorter secrets would be found in ordinary words, and GitHub would blank outputs that hold them. */
export const SHORTEST_SECRET = 4
export const MASK = '***'

/** Takes secrets out of text that came from hosts and services, in every form they are likely to appear (H10). */
export class Redactor {
  /** null: there is no secret. */
  readonly #needles: NeedleAutomaton | null
  readonly #longest: number

  /** @throws ConfigError for a secret under 4 characters; the message names it and does not show it */
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
    const all = [...needles.values()]
    this.#needles = all.length === 0 ? null : new NeedleAutomaton(all)
    this.#longest = Math.max(0, ...all.map((needle) => needle.text.length))
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
    /** So many characters of what is held back belong to a secret already, whose mask was told. */
    let masked = 0
    const cut = (text: string, at: number): string => {
      const ranges = masked > 0 ? joined([[0, masked], ...this.#find(text)]) : this.#find(text)
      const told = ranges.filter(([from]) => from < at).map(([from, to]): Range => [from, Math.min(to, at)])
      const out = replace(text.slice(0, at), told, masked > 0)
      const open = ranges.find(([from, to]) => from < at && to > at)
      masked = open === undefined ? 0 : open[1] - at
      pending = text.slice(at)
      return out
    }
    return {
      push: (chunk) => {
        const text = pending + chunk
        return cut(text, this.#openFrom(text))
      },
      end: () => {
        const out = cut(pending, pending.length)
        masked = 0
        return out
      },
    }
  }

  #find(text: string): readonly Range[] {
    if (this.#needles === null) return []
    const plain = this.#needles.find(text, false)
    if (!/[\r\n]/.test(text)) return plain
    const { compact, positions } = withoutLineEnds(text)
    const wrapped = this.#needles
      .find(compact, true)
      .map(([from, to]): Range => [positions[from] ?? 0, (positions[to - 1] ?? 0) + 1])
    return wrapped.length === 0 ? plain : joined([...plain, ...wrapped])
  }

  /** Where a secret may begin that is not complete yet; the length of the text when there is none. */
  #openFrom(text: string): number {
    if (this.#needles === null) return text.length
    const plain = this.#needles.openFrom(text, false)
    const { compact, positions } = withoutLineEnds(text)
    const wrapped =
      compact.length === text.length ? plain : (positions[this.#needles.openFrom(compact, true)] ?? text.length)
    // Line ends without end cannot hold back more than the longest secret, broken into lines of two characters.
    return Math.max(Math.min(plain, wrapped), text.length - Math.ceil(this.#longest * 1.5))
  }
}

export interface RedactedStream {
  /** What of the text so far is safe to pass on. */
  push(chunk: string): string
  /** The rest. */
  end(): string
}

function withoutLineEnds(text: string): { compact: string; positions: Int32Array } {
  const positions = new Int32Array(text.length)
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 10 && code !== 13) positions[count++] = at
  }
  return { compact: text.replace(/[\r\n]/g, ''), positions: positions.subarray(0, count) }
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

/** @param goesOn the first range goes on where a mask was told */
function replace(text: string, ranges: readonly Range[], goesOn = false): string {
  let out = ''
  let at = 0
  for (const [from, to] of ranges) {
    out += text.slice(at, from) + (goesOn && from === 0 ? '' : MASK)
    at = to
  }
  return out + text.slice(at)
}
