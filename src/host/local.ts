import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { ConnectError } from '../errors'
import { judgedConnect } from '../network/judged-connect'
import { RefusedAddressError } from '../network/refused-address'
import { childChannel } from './child-channel'
import { childEnv } from './child-env'
import type { Channel, Dialer, Transport } from './remote'

export interface LocalOptions {
  /** Added to the allow-listed environment of every command. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder in which commands begin; the runner's own when left out. */
  readonly cwd?: string
}

/** The machine Pitstop itself runs on, for `transport: local` and for steps whose place is the runner. */
export function localDialer(options: LocalOptions = {}): Dialer {
  return {
    async connect(signal) {
      signal.throwIfAborted()
      return new LocalTransport(options)
    },
  }
}

class LocalTransport implements Transport {
  readonly closed: Promise<string>
  readonly #options: LocalOptions
  #close: (reason: string) => void = () => {}
  #isClosed = false

  constructor(options: LocalOptions) {
    this.#options = options
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  async exec(command: string): Promise<Channel> {
    if (this.#isClosed) throw new ConnectError('the local transport is closed')
    // A process group of its own: a signal for the runner's group, Ctrl-C included, must not cut a step half-way.
    const child = spawn('/bin/sh', ['-c', command], {
      cwd: this.#options.cwd,
      detached: true,
      env: childEnv(process.env, this.#options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => reject(new ConnectError('/bin/sh could not be started here', { cause })))
    })
    return childChannel(child, async (code) => code)
  }

  dial(host: string, port: number): Promise<Duplex> {
    return dialFromHere(host, port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    this.#close('closed by Pitstop')
  }
}

/** A TCP connection from the runner itself, as closely judged as any other of the runner. @throws ConnectError */
async function dialFromHere(host: string, port: number, deadlineMs = 15_000): Promise<Duplex> {
  const late = AbortSignal.timeout(deadlineMs)
  try {
    const socket = await judgedConnect(host, port, late)
    // Without a listener an error of an idle connection would end the process.
    return socket.on('error', () => {})
  } catch (cause) {
    if (cause instanceof RefusedAddressError) throw cause
    const why = late.aborted
      ? `no answer within ${deadlineMs / 1000} s`
      : cause instanceof Error
        ? cause.message
        : String(cause)
    throw new ConnectError(`${host}:${port} cannot be reached from here: ${why}`, { cause })
  }
}
