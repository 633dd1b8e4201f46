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

interface FrameHead {
  readonly t: 'frame'
  readonly n: number
  readonly size: number
  readonly truncated: boolean
}

function parseLine(line: string): Rec | FrameHead | null {
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
export const MAX_LINE = 1024

/** What a program may write: more is not its own, and is not kept (H40). */
export interface RecordBounds {
  /** Most bytes of the data of the step at this place. */
  readonly dataBytes: (n: number) => number
  readonly records: number
}

interface Frame {
  readonly head: FrameHead
  /** Its data, and the line feed behind it. */
  readonly bytes: Buffer
  filled: number
}

/**
 * Takes `rec` in chunks of any size. What is not a record, or is more than a program may write, ends the reading for good
 * (`broken`): from there on everything is unknown, which the reader of the records treats as failure.
 */
export class RecordParser {
  readonly #bounds: RecordBounds
  /** A line that has begun: MAX_LINE bytes at most. */
  #line: Buffer = Buffer.alloc(0)
  #frame: Frame | null = null
  #count = 0
  broken = false
  /** Broken by more than a program may write. */
  flooded = false

  constructor(bounds: RecordBounds) {
    this.#bounds = bounds
  }

  push(chunk: Uint8Array): Rec[] {
    const out: Rec[] = []
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    while (!this.broken && rest.length > 0) {
      rest = this.#frame === null ? this.#takeLine(rest, out) : this.#fill(this.#frame, rest, out)
    }
    return out
  }

  /** What is left of `bytes` behind the line that they end, or nothing where they end none. */
  #takeLine(bytes: Buffer, out: Rec[]): Buffer {
    const eol = bytes.indexOf(10)
    const part = eol < 0 ? bytes : bytes.subarray(0, eol)
    if (this.#line.length + part.length > MAX_LINE) return this.#break()
    const line = Buffer.concat([this.#line, part])
    if (eol < 0) {
      this.#line = line
      return Buffer.alloc(0)
    }
    this.#line = Buffer.alloc(0)
    const record = parseLine(line.toString('latin1'))
    if (record === null) return this.#break()
    const isFrame = record.t === 'frame'
    this.flooded = ++this.#count > this.#bounds.records || (isFrame && record.size > this.#bounds.dataBytes(record.n))
    if (this.flooded) return this.#break()
    if (!isFrame) out.push(record)
    else this.#frame = { head: record, bytes: Buffer.allocUnsafe(record.size + 1), filled: 0 }
    return bytes.subarray(eol + 1)
  }

  #fill(frame: Frame, bytes: Buffer, out: Rec[]): Buffer {
    const part = bytes.subarray(0, frame.bytes.length - frame.filled)
    frame.bytes.set(part, frame.filled)
    frame.filled += part.length
    if (frame.filled < frame.bytes.length) return Buffer.alloc(0)
    const { n, size, truncated } = frame.head
    if (frame.bytes[size] !== 10) return this.#break()
    out.push({ t: 'data', n, bytes: frame.bytes.subarray(0, size), truncated })
    this.#frame = null
    return bytes.subarray(part.length)
  }

  #break(): Buffer {
    this.broken = true
    this.#frame = null
    this.#line = Buffer.alloc(0)
    return this.#line
  }
}
