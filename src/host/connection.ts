import { type Clock, pause } from '../engine/clock'
import { ConnectError, HostKeyError, LoginRefused } from '../errors'
import { abortable } from './abortable'
import type { Dialer, Transport } from './remote'
import type { ShellPool } from './shell-pool'

export interface ConnectionOptions {
  readonly dialer: Dialer
  readonly clock: Clock
  /** How long a lost connection is tried again before it counts as lost for good, in ms. */
  readonly lostAfterMs?: number
  readonly onReconnect?: (why: string) => void
}

interface Connecting {
  readonly got: Promise<ShellPool | null>
  readonly stop: AbortController
}

const LOST_AFTER_MS = 600_000

/** The one connection to a machine: made again when it breaks, by one at a time. */
export class Connection implements AsyncDisposable {
  readonly #options: ConnectionOptions
  readonly #shellsOf: (transport: ShellPool['transport']) => ShellPool
  #shells: ShellPool | null
  #connecting: Connecting | null = null
  /** How many wait for the new connection, and until when the most patient of them does. */
  #waiting = 0
  #untilMs = 0
  /** Until then the host may still be booting. */
  #bootsUntilMs = 0
  /** Why the last try failed. */
  why = 'no connection'

  constructor(
    options: ConnectionOptions,
    shells: ShellPool,
    shellsOf: (transport: ShellPool['transport']) => ShellPool,
  ) {
    this.#options = options
    this.#shells = shells
    this.#shellsOf = shellsOf
  }

  /** The shells of the living connection, or of a new one; null when it could not be had within `lostAfterMs`. */
  async shells(signal: AbortSignal): Promise<ShellPool | null> {
    const current = this.#shells
    if (this.#isFlooded()) return null
    if (current !== null && !(await isClosed(current))) return current
    const until = this.#options.clock.monotonicMs() + (this.#options.lostAfterMs ?? LOST_AFTER_MS)
    return this.#oneAtATime(until, signal)
  }

  /**
   * Drops the connection, as a host that reboots does, and makes a new one. Until then a login that is refused is tried
   * again: homes, keys and accounts may come up after sshd. @throws ConnectError after `deadlineMs`
   */
  async renew(signal: AbortSignal, deadlineMs: number): Promise<void> {
    if (this.#isFlooded()) throw new ConnectError(this.why)
    const old = this.#shells
    if (old !== null) {
      await old[Symbol.asyncDispose]()
      await old.transport.closed
    }
    const until = this.#options.clock.monotonicMs() + deadlineMs
    this.#bootsUntilMs = until
    const got = await this.#oneAtATime(until, signal)
    if (got !== null) return
    const isEarly = this.#options.clock.monotonicMs() < until - 1_000
    throw new ConnectError(isEarly ? this.why : `no connection within ${Math.round(deadlineMs / 1000)} s: ${this.why}`)
  }

  /** A machine that says more than it is asked would do so again: it is connected to no more. */
  #isFlooded(): boolean {
    const flood = this.#shells?.flood ?? null
    if (flood !== null) this.why = flood
    return flood !== null
  }

  /** Resolves when the present connection is gone. */
  get closed(): Promise<string> {
    return this.#shells?.transport.closed ?? Promise.resolve('not connected')
  }

  /**
   * Renewal, checks and programs may all find the connection gone: one of them makes the new one. Who gives up ends nothing
   * for the others; the tries end with the last who waits.
   */
  async #oneAtATime(until: number, signal: AbortSignal): Promise<ShellPool | null> {
    if (signal.aborted) return null
    this.#untilMs = this.#waiting === 0 ? until : Math.max(this.#untilMs, until)
    this.#waiting += 1
    this.#connecting ??= this.#begin()
    const mine = this.#connecting
    const late = new AbortController()
    const own = AbortSignal.any([signal, late.signal])
    const { clock } = this.#options
    // The others may be more patient.
    void pause(clock, Math.max(0, until - clock.monotonicMs()), own).then(() => late.abort())
    try {
      return await abortable(mine.got, own)
    } catch (error) {
      if (own.aborted) return null
      throw error
    } finally {
      late.abort()
      this.#waiting -= 1
      if (this.#waiting === 0 && this.#connecting === mine) this.#giveUp(mine)
    }
  }

  #begin(): Connecting {
    const stop = new AbortController()
    const got = this.#connect(stop.signal).finally(() => {
      if (this.#connecting?.stop === stop) this.#connecting = null
    })
    // Nobody may be left to be told.
    got.catch(() => undefined)
    return { got, stop }
  }

  /** Who comes next begins anew, and does not join what is being given up. */
  #giveUp({ stop }: Connecting): void {
    this.#connecting = null
    stop.abort()
  }

  async #connect(signal: AbortSignal): Promise<ShellPool | null> {
    const { clock, dialer } = this.#options
    if (this.#shells !== null) this.#options.onReconnect?.(await this.#shells.transport.closed)
    this.#shells = null
    let refusals = 0
    for (let tries = 0; !signal.aborted; tries++) {
      let isNobodyThere = false
      let isRefusedLogin = false
      try {
        const transport = await dialer.connect(signal, { attempts: 1 })
        // It came too late: whoever wants one by now makes another.
        if (signal.aborted) await transport[Symbol.asyncDispose]()
        else return this.#keep(transport)
      } catch (error) {
        if (!signal.aborted) this.why = error instanceof Error ? error.message : String(error)
        isNobodyThere = isRefused(error)
        isRefusedLogin = error instanceof LoginRefused
        // A key that changed under us is never tried again, and a login that is refused only while the host boots.
        if (error instanceof HostKeyError || (isRefusedLogin && clock.monotonicMs() >= this.#bootsUntilMs)) return null
      }
      const waitMs = isRefusedLogin
        ? refusedLoginPauseMs(refusals++)
        : isNobodyThere
          ? refusedPauseMs(tries)
          : reconnectPauseMs(tries)
      if (clock.monotonicMs() + waitMs > this.#untilMs) return null
      await pause(clock, waitMs, signal)
    }
    return null
  }

  #keep(transport: Transport): ShellPool {
    this.#shells = this.#shellsOf(transport)
    return this.#shells
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const shells = this.#shells
    this.#shells = null
    await shells?.[Symbol.asyncDispose]()
  }
}

function isClosed(shells: ShellPool): Promise<boolean> {
  return Promise.race([shells.transport.closed.then(() => true), Promise.resolve(false).then(() => false)])
}

/** Nobody listens there, which the kernel of the host says at once: no sshd was bothered, and none can punish it. */
function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}

/** Users wait for a host that boots: it is asked often for half a minute, then like any other. */
function refusedPauseMs(tries: number): number {
  return tries < 600 ? 50 : reconnectPauseMs(tries)
}

/** Sparsely: guards against guessers count a handful of refused logins in ten minutes. */
function refusedLoginPauseMs(refusals: number): number {
  return Math.min(10_000 * 2 ** refusals, 160_000)
}

/** One try at a time, 1 s apart for 10 tries, growing to 12 s (H37: sshd punishes a hail of connections). */
function reconnectPauseMs(tries: number): number {
  return tries < 10 ? 1_000 : Math.min(1_000 * 1.3 ** (tries - 9), 12_000)
}
