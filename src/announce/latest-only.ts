import { type Clock, pause } from '../engine/clock'

/**
 * Work that is done for the latest of many changes: one at a time, with a pause after each. Whoever asks for it never
 * waits for it.
 */
export class LatestOnly {
  readonly #work: () => Promise<void>
  readonly #clock: Pick<Clock, 'sleep'>
  readonly #paceMs: number
  readonly #stop = new AbortController()
  #isWanted = false
  #running: Promise<void> = Promise.resolve()
  #isRunning = false

  /** @param work never rejects */
  constructor(work: () => Promise<void>, clock: Pick<Clock, 'sleep'>, paceMs: number) {
    this.#work = work
    this.#clock = clock
    this.#paceMs = paceMs
  }

  ask(): void {
    if (this.#stop.signal.aborted) return
    this.#isWanted = true
    if (this.#isRunning) return
    this.#isRunning = true
    this.#running = this.#loop()
  }

  /** Begins nothing more; resolves when what was begun has ended. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  async #loop(): Promise<void> {
    while (this.#isWanted && !this.#stop.signal.aborted) {
      this.#isWanted = false
      await this.#work()
      await pause(this.#clock, this.#paceMs, this.#stop.signal)
    }
    this.#isRunning = false
  }
}
