import { abortable } from './abortable'
import type { Transport } from './remote'

interface Shared<T> {
  readonly transport: Promise<T>
  readonly stop: AbortController
  users: number
}

/** A jump connection on loan: `release` when the connection through it is over. */
export interface JumpLoan<T extends Transport> {
  readonly transport: T
  release(): void
}

/** The connections to jump hosts: one for each, shared by all hosts behind it, closed when the last of them is done. */
export class JumpPool<T extends Transport> {
  readonly #shared = new Map<string, Shared<T>>()

  /** @throws what `connect` throws, or the reason of `signal`; other waiters are not disturbed by it */
  async borrow(name: string, connect: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<JumpLoan<T>> {
    const shared = this.#shared.get(name) ?? this.#open(name, connect)
    shared.users += 1
    let isReleased = false
    const release = () => {
      if (isReleased) return
      isReleased = true
      shared.users -= 1
      if (shared.users === 0) this.#drop(name, shared)
    }
    try {
      return { transport: await abortable(shared.transport, signal), release }
    } catch (error) {
      release()
      throw error
    }
  }

  #open(name: string, connect: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const stop = new AbortController()
    const shared: Shared<T> = { transport: connect(stop.signal), stop, users: 0 }
    this.#shared.set(name, shared)
    const forget = () => {
      if (this.#shared.get(name) === shared) this.#shared.delete(name)
    }
    // A broken connection is not lent again: the next host makes a new one.
    shared.transport.then((transport) => void transport.closed.then(forget), forget)
    return shared
  }

  #drop(name: string, shared: Shared<T>): void {
    if (this.#shared.get(name) === shared) this.#shared.delete(name)
    shared.stop.abort(new Error('no host needs the jump connection any more'))
    shared.transport.then(
      (transport) => transport[Symbol.asyncDispose](),
      () => {},
    )
  }
}
