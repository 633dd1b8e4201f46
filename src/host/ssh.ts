import type { Duplex } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { ConnectError } from '../errors'
import { guardConnection } from './bounds/connection-guard'
import { ChannelSocket } from './channel-socket'
import { fingerprint } from './known-hosts'
import type { Channel, Transport } from './remote'
import { SessionRefused, SessionSlots } from './session-slots'
import { dialByCommand } from './socket-channel'
import { sshChannel } from './ssh-channel'
import type { Login } from './ssh-login'

/** sshd allows 10 sessions a connection (MaxSessions), hardened ones fewer; further commands wait for a free one. */
const MOST_CHANNELS = 4
const CHANNEL_WAIT_MS = 120_000
const DIAL_MS = 15_000

/** Reason codes of SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254 5.1). */
const ADMINISTRATIVELY_PROHIBITED = 1

/** A connection of node-ssh, used for its channels: `execCommand` of node-ssh keeps all output in memory. */
export class SshTransport implements Transport {
  readonly closed: Promise<string>
  readonly hostKey: string
  readonly #name: string
  readonly #login: Login
  readonly #slots = new SessionSlots(MOST_CHANNELS, CHANNEL_WAIT_MS)
  readonly #open = new Set<{ lost(): void }>()
  readonly #streams = new Set<ClientChannel>()
  #isClosed = false
  #isForwardingForbidden = false
  #lastError = 'the connection was closed by the other side'

  constructor(name: string, login: Login) {
    this.#name = name
    this.#login = login
    this.hostKey = fingerprint(login.hostKey)
    const { client, socket } = login
    client.on('error', (error: Error) => {
      this.#lastError = error.message
    })
    guardConnection(socket, () => [...this.#streams].flatMap((stream) => [stream, stream.stderr]))
    this.closed = new Promise((resolve) => {
      const onGone = () => {
        this.#isClosed = true
        // ssh2 ends all channels right after this event, with or without the rest of their output.
        for (const channel of this.#open) channel.lost()
        resolve(this.#lastError)
      }
      client.once('close', onGone)
      // The socket can be gone before anybody listened.
      if (socket.destroyed) onGone()
    })
  }

  exec(command: string): Promise<Channel> {
    return this.#slots
      .use(() => this.#openChannel(command))
      .catch((cause: unknown) => {
        throw this.#error('a command could not be started', cause)
      })
  }

  async dial(host: string, port: number): Promise<Duplex> {
    if (!this.#isForwardingForbidden) {
      try {
        return await this.#forward(host, port)
      } catch (error) {
        if (reasonOf(error) !== ADMINISTRATIVELY_PROHIBITED) {
          throw this.#error(`${host}:${port} cannot be reached from ${this.#name}`, error)
        }
        this.#isForwardingForbidden = true
      }
    }
    return await dialByCommand(this, this.#name, host, port, DIAL_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.#lastError = 'closed by Pitstop'
    this.#login.client.end()
    const timer = setTimeout(() => this.#login.socket.destroy(), 2_000)
    await this.closed
    clearTimeout(timer)
  }

  #openChannel(command: string): Promise<Channel> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new Error(this.#lastError)
      this.#login.client.exec(command, (error, stream) => {
        // Right here: exit status and end of a short command can stand in the packet that follows at once.
        if (error === undefined) resolve(this.#adopt(stream))
        else reject(typeof reasonOf(error) === 'number' ? new SessionRefused(error.message, { cause: error }) : error)
      })
    })
  }

  #adopt(stream: ClientChannel): Channel {
    this.#watch(stream)
    const channel = sshChannel(stream, () => this.#open.delete(channel))
    this.#open.add(channel)
    return channel
  }

  #watch(stream: ClientChannel): void {
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
  }

  #forward(host: string, port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw new Error(this.#lastError)
      let isLate = false
      const timer = setTimeout(() => {
        isLate = true
        reject(new Error(`no answer within ${DIAL_MS / 1000} s`))
      }, DIAL_MS)
      this.#login.client.forwardOut('127.0.0.1', 0, host, port, (error, stream) => {
        clearTimeout(timer)
        if (error === undefined) this.#watch(stream)
        if (error !== undefined) reject(error)
        else if (isLate) stream.resume().close()
        else resolve(new ChannelSocket(stream, stream, () => stream.close()))
      })
    })
  }

  #error(what: string, cause?: unknown): ConnectError {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    return new ConnectError(`${this.#name}: ${what}${why}`, cause === undefined ? {} : { cause })
  }
}

function reasonOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'reason' in error ? error.reason : undefined
}
