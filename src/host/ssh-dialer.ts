import type { Duplex } from 'node:stream'
import type { Clock } from '../engine/clock'
import type { KnownKeys } from './host-key'
import { AttemptFailed } from './login-failure'
import type { LoginMethod } from './login-key'
import type { Dialer, Transport } from './remote'
import { pauseBeforeRetry, type RetryPolicy } from './retry'
import { SshTransport } from './ssh'
import { login } from './ssh-login'

export interface SshSettings {
  /** 15 s: a package step may be silent for long. */
  readonly keepaliveMs: number
  /** Unanswered keepalives after which the connection counts as lost. */
  readonly keepaliveTries: number
  /** Most time for TCP, handshake and login of one attempt. */
  readonly handshakeMs: number
}

export const SSH_SETTINGS: SshSettings = { keepaliveMs: 15_000, keepaliveTries: 4, handshakeMs: 20_000 }

export interface SshDialerOptions {
  readonly known: KnownKeys
  readonly user: string
  readonly method: LoginMethod
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly settings: SshSettings
  readonly open: (signal: AbortSignal) => Promise<Duplex>
}

/** Connections over node-ssh. It remembers what sshd must not be bothered with, so it lives as long as the run. */
export class SshDialer implements Dialer {
  readonly #options: SshDialerOptions
  #metKey: Buffer | undefined
  /** Monotonic time before which sshd would refuse us anyway (H37). */
  #notBeforeMs = 0

  constructor(options: SshDialerOptions) {
    this.#options = options
  }

  async connect(signal: AbortSignal, options: { attempts?: number; handshakeMs?: number } = {}): Promise<Transport> {
    const { clock, retry, settings } = this.#options
    const policy = { ...retry, attempts: options.attempts ?? retry.attempts }
    const handshakeMs = options.handshakeMs ?? settings.handshakeMs
    for (let failed = 1; ; failed++) {
      await this.#waitForMercy(signal)
      try {
        return await this.#attempt(handshakeMs, signal)
      } catch (error) {
        if (!(error instanceof AttemptFailed)) throw error
        if (error.why === 'lost-before-handshake') {
          this.#notBeforeMs = clock.monotonicMs() + retry.lostBeforeHandshakeMs
        }
        const pauseMs = pauseBeforeRetry(policy, error.why, failed, Math.random())
        if (pauseMs === null) throw error.error
        await clock.sleep(pauseMs, signal)
      }
    }
  }

  /** Also between calls with `attempts: 1`: a caller with a schedule of its own must not hammer either. */
  async #waitForMercy(signal: AbortSignal): Promise<void> {
    const leftMs = this.#notBeforeMs - this.#options.clock.monotonicMs()
    if (leftMs > 0) await this.#options.clock.sleep(leftMs, signal)
  }

  async #attempt(handshakeMs: number, signal: AbortSignal): Promise<Transport> {
    const { known, user, method, settings, open } = this.#options
    const metKey = this.#metKey === undefined ? {} : { metKey: this.#metKey }
    const { keepaliveMs, keepaliveTries } = settings
    const done = await login({ known, user, method, keepaliveMs, keepaliveTries, handshakeMs, open, ...metKey }, signal)
    this.#metKey = done.hostKey
    return new SshTransport(known.name, done)
  }
}
