/**
 * Cuts one answer out of a stream: what stands between the line `@<token>` and `#<token> <exit code>`. What comes before
 * it (login noise, what an earlier answer left) is none of ours.
 */
export class BetweenMarks {
  readonly #begin: Buffer
  readonly #end: Buffer
  #rest: Buffer = Buffer.alloc(0)
  #state: 'before' | 'in' | 'after' = 'before'
  #code: number | null = null

  constructor(token: string) {
    this.#begin = Buffer.from(`\n@${token}\n`)
    this.#end = Buffer.from(`#${token} `)
  }

  /** The end was read, whole. */
  get isOver(): boolean {
    return this.#state === 'after' && this.#code !== null
  }

  /** Exit code of the payload; null until the end was read. */
  get code(): number | null {
    return this.#code
  }

  /** The part of the answer that `chunk` brought. */
  push(chunk: Uint8Array): Buffer {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk])
    if (this.#state === 'before') this.#findBegin()
    const answer = this.#state === 'in' ? this.#takeAnswer() : Buffer.alloc(0)
    if (this.#state === 'after') this.#findCode()
    return answer
  }

  #findBegin(): void {
    const at = this.#rest.indexOf(this.#begin)
    this.#state = at < 0 ? 'before' : 'in'
    // Only a tail as long as the mark can still become the mark: a noisy shell does not grow our memory.
    this.#rest =
      at < 0 ? this.#rest.subarray(Math.max(0, this.#rest.length - this.#begin.length)) : this.#from(at, this.#begin)
  }

  #takeAnswer(): Buffer {
    const at = this.#rest.indexOf(this.#end)
    const upTo = at < 0 ? this.#rest.length - startedMark(this.#rest, this.#end) : at
    const answer = this.#rest.subarray(0, upTo)
    this.#rest = at < 0 ? this.#rest.subarray(upTo) : this.#from(at, this.#end)
    this.#state = at < 0 ? 'in' : 'after'
    return answer
  }

  #findCode(): void {
    // Whatever comes behind it is none of ours: it is not kept.
    this.#rest = this.#rest.subarray(0, 4)
    const code = /^(\d{1,3})\n/.exec(this.#rest.toString('latin1'))
    if (code) this.#code = Number(code[1])
  }

  #from(at: number, mark: Buffer): Buffer {
    return this.#rest.subarray(at + mark.length)
  }
}

/** Bytes at the end of `bytes` that may be the beginning of `mark`: they are held back, and nothing else is. */
function startedMark(bytes: Buffer, mark: Buffer): number {
  for (let size = Math.min(bytes.length, mark.length - 1); size > 0; size--) {
    if (bytes.subarray(bytes.length - size).equals(mark.subarray(0, size))) return size
  }
  return 0
}
