/** Characters kept of the beginning and of the end of what one step prints (H40). The step itself is never cut. */
const KEEP_CHARS = 2 ** 20

/** Passes the beginning of an output on as it comes, and keeps its end until the step is over. */
export class OutputBound {
  #passed = 0
  #tail = ''
  #dropped = 0

  /** What of the chunk is to be told now. */
  push(text: string): string {
    const now = text.slice(0, Math.max(0, KEEP_CHARS - this.#passed))
    this.#passed += now.length
    this.#keep(text.slice(now.length))
    return now
  }

  #keep(rest: string): void {
    this.#tail += rest
    if (this.#tail.length <= 2 * KEEP_CHARS) return
    this.#dropped += this.#tail.length - KEEP_CHARS
    this.#tail = this.#tail.slice(-KEEP_CHARS)
  }

  /** The end of the output, behind a line that says what is missing. */
  end(): string {
    const over = this.#tail.length - KEEP_CHARS
    const dropped = this.#dropped + Math.max(0, over)
    const tail = over > 0 ? this.#tail.slice(over) : this.#tail
    return dropped === 0 ? tail : `\n[${dropped} characters are left out]\n${tail}`
  }
}
