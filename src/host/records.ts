/** One record of `rec`, the file that a program writes about itself (ADR 0002). */
export type Rec =
  | { readonly t: 'head'; readonly run: string; readonly id: string; readonly boot: string; readonly up: number | null }
  | { readonly t: 'begin'; readonly n: number; readonly up: number | null }
  | { readonly t: 'data'; readonly n: number; readonly bytes: Buffer; readonly truncated: boolean }
  | {
      readonly t: 'end'
      readonly n: number
      readonly rc: number | 'u' | 's'
      readonly up: number | null
      readonly printed: number
    }
  | { readonly t: 'over'; readonly n: number }
  | { readonly t: 'busy' | 'lease-lost' | 'nospace' | 'nosecrets' }

const WORD = /^(busy|lease-lost|nospace|nosecrets)$/
const UP = '(\\d{1,12}(?:\\.\\d{1,2})?|-)'
const HEAD = new RegExp(`^pitstop 1 (\\S{1,128}) (\\S{1,128}) (\\S{1,64}) ${UP}$`)
const BEGIN = new RegExp(`^begin (\\d{1,6}) ${UP}$`)
/** The last number: bytes in `live` when the step ended, so that what was printed finds its step. */
const END = new RegExp(`^end (\\d{1,6}) (\\d{1,3}|u|s) ${UP} (\\d{1,15})$`)
const DATA = /^data (\d{1,6}) (\d{1,12}) ([01])$/
const OVER = /^over (\d{1,6})$/

const seconds = (text: string | undefined) => (text === undefined || text === '-' ? null : Number(text))

function parseLine(line: string): Rec | { t: 'frame'; n: number; size: number; truncated: boolean } | null {
  const begin = BEGIN.exec(line)
  if (begin) return { t: 'begin', n: Number(begin[1]), up: seconds(begin[2]) }
  const end = END.exec(line)
  if (end) {
    const word = end[2] as string
    const rc = word === 'u' || word === 's' ? word : Number(word)
    return { t: 'end', n: Number(end[1]), rc, up: seconds(end[3]), printed: Number(end[4]) }
  }
  const data = DATA.exec(line)
  if (data) return { t: 'frame', n: Number(data[1]), size: Number(data[2]), truncated: data[3] === '1' }
  const head = HEAD.exec(line)
  if (head)
    return { t: 'head', run: head[1] as string, id: head[2] as string, boot: head[3] as string, up: seconds(head[4]) }
  const over = OVER.exec(line)
  if (over) return { t: 'over', n: Number(over[1]) }
  const word = WORD.exec(line)
  return word ? { t: word[1] as 'busy' | 'lease-lost' | 'nospace' | 'nosecrets' } : null
}

/** Longest record that is no data: anything longer is not ours. */
const MAX_LINE = 1024

/**
 * Takes `rec` in chunks of any size. What is not a record ends the reading for good (`broken`): from there on everything
 * is unknown, which the reader of the records treats as failure.
 */
export class RecordParser {
  #rest: Buffer = Buffer.alloc(0)
  #frame: { n: number; size: number; truncated: boolean } | null = null
  broken = false

  push(chunk: Uint8Array): Rec[] {
    const out: Rec[] = []
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    while (!this.broken && this.#next(out)) {
      // #next took one record; go on while there are whole ones.
    }
    return out
  }

  #next(out: Rec[]): boolean {
    if (this.#frame !== null) return this.#takeFrame(this.#frame, out)
    const eol = this.#rest.indexOf(10)
    if (eol < 0) {
      this.broken = this.#rest.length > MAX_LINE
      return false
    }
    const record = parseLine(this.#rest.toString('latin1', 0, eol))
    this.#rest = this.#rest.subarray(eol + 1)
    if (record === null) this.broken = true
    else if (record.t === 'frame') this.#frame = record
    else out.push(record)
    return !this.broken
  }

  #takeFrame(frame: { n: number; size: number; truncated: boolean }, out: Rec[]): boolean {
    if (this.#rest.length <= frame.size) return false
    if (this.#rest[frame.size] !== 10) {
      this.broken = true
      return false
    }
    out.push({ t: 'data', n: frame.n, bytes: this.#rest.subarray(0, frame.size), truncated: frame.truncated })
    this.#rest = this.#rest.subarray(frame.size + 1)
    this.#frame = null
    return true
  }
}
