import type { Machine } from '../host/machine'
import { type Clock, pause } from './clock'

const RENEW_EVERY_MS = 60_000
/** A runner that could not renew for so long begins nothing more (design 4.3). */
const STALE_AFTER_MS = 300_000

/** Renews one lease until it is stopped. */
export class LeaseKeeper implements AsyncDisposable {
  readonly #machine: Machine
  readonly #clock: Clock
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #renewedMs: number
  #isLost = false

  constructor(machine: Machine, clock: Clock, onLost: () => void) {
    this.#machine = machine
    this.#clock = clock
    this.#renewedMs = clock.monotonicMs()
    this.#loop = this.#keep(onLost)
  }

  /** Why nothing may begin any more, or null. */
  get barred(): string | null {
    if (this.#isLost) return 'another run took the lease of the host'
    const age = this.#clock.monotonicMs() - this.#renewedMs
    return age > STALE_AFTER_MS ? `the lease could not be renewed for ${Math.round(age / 1000)} s` : null
  }

  async #keep(onLost: () => void): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(this.#clock, RENEW_EVERY_MS, signal)
      if (signal.aborted) return
      const answer = await this.#machine.renewLease(signal)
      if (answer === 'ok') this.#renewedMs = this.#clock.monotonicMs()
      if (answer === 'lost') {
        this.#isLost = true
        onLost()
        return
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }
}
