/** What a payload asks of a host, told by words that only that payload has. */
export type PayloadKind = 'hello' | 'questions' | 'lease' | 'look' | 'renewal' | 'start' | 'attach' | 'notes' | 'other'

export interface Payload {
  readonly kind: PayloadKind
  readonly token: string
  /** What the host is to run, with the prelude. */
  readonly body: string
  /** All bytes of it as they came, with whatever stood before them. */
  readonly raw: Buffer
}

const WORDS: readonly (readonly [PayloadKind, string])[] = [
  ['start', 'launch '],
  ['attach', 'exec 3<"$D/rec"'],
  ['lease', "printf 'safe\\n'"],
  ['look', "printf 'leased %s\\n'"],
  ['renewal', "printf 'lost\\n'"],
  ['notes', '"$d/note"'],
  ['hello', "printf 'uid=%s"],
  ['questions', 'exec 5>&1'],
]

const kindOf = (body: string): PayloadKind => WORDS.find(([, word]) => body.includes(word))?.[0] ?? 'other'

/** Cuts the standard input of one shell of a host into payloads. */
export class PayloadParser {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Payload[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const out: Payload[] = []
    for (let next = this.#next(); next !== null; next = this.#next()) out.push(next)
    return out
  }

  #next(): Payload | null {
    const text = this.#rest.toString('latin1')
    const head = /(?:^|\n)@go ([0-9a-f]+)\n(\d+)\n/.exec(text)
    if (head === null) return null
    const begin = head.index + head[0].length
    const end = begin + Number(head[2])
    if (this.#rest.length < end) return null
    const body = this.#rest.toString('utf8', begin, end)
    const raw = this.#rest.subarray(0, end)
    this.#rest = this.#rest.subarray(end)
    return { kind: kindOf(body), token: head[1] ?? '', body, raw }
  }
}
