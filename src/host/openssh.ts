import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { exec as runProgram } from '@actions/exec'
import { ConnectError } from '../errors'
import { childChannel } from './child-channel'
import { childEnv } from './child-env'
import type { OpensshFolder } from './openssh-folder'
import type { Master } from './openssh-master'
import { channelArguments, controlArguments, type OpensshTarget } from './openssh-options'
import type { Channel, Transport } from './remote'
import { SessionSlots } from './session-slots'
import { dialByCommand } from './socket-channel'

const MOST_CHANNELS = 4
const CHANNEL_WAIT_MS = 120_000
const DIAL_MS = 15_000
/** Exit code of ssh for its own failures, and of a command that ends with 255: nobody can tell them apart. */
const AMBIGUOUS = 255

/** A connection held by the runner's own `ssh` (a control master); each command is one more `ssh` over its socket. */
export class OpensshTransport implements Transport {
  readonly closed: Promise<string>
  readonly target: OpensshTarget
  readonly #name: string
  readonly #folder: OpensshFolder
  readonly #master: Master
  readonly #slots = new SessionSlots(MOST_CHANNELS, CHANNEL_WAIT_MS)
  #isClosed = false
  #why = 'ssh ended: the connection was lost'

  constructor(name: string, target: OpensshTarget, folder: OpensshFolder, master: Master) {
    this.#name = name
    this.target = target
    this.#folder = folder
    this.#master = master
    this.closed = new Promise((resolve) => {
      const onExit = () => {
        this.#isClosed = true
        resolve(this.#why)
      }
      const { process: keeper } = master
      if (keeper.exitCode !== null || keeper.signalCode !== null) onExit()
      else keeper.once('exit', onExit)
    })
  }

  exec(command: string): Promise<Channel> {
    return this.#slots
      .use(() => this.#open(command))
      .catch((cause: unknown) => {
        const why = cause instanceof Error ? `: ${cause.message}` : ''
        throw new ConnectError(`${this.#name}: a command could not be started${why}`, { cause })
      })
  }

  /** By a command on the host: `ssh -W` does not tell when, or whether, the connection stands. */
  dial(host: string, port: number): Promise<Duplex> {
    return dialByCommand(this, this.#name, host, port, DIAL_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) this.#why = 'closed by Pitstop'
    await this.#control('exit')
    const timer = setTimeout(() => this.#master.kill(), 2_000)
    await this.closed
    clearTimeout(timer)
    await this.#folder[Symbol.asyncDispose]()
  }

  async #open(command: string): Promise<Channel> {
    if (this.#isClosed) throw new Error(this.#why)
    const child = spawn('ssh', channelArguments(this.target, command), {
      env: childEnv(process.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    return childChannel(child, (code) => this.#trust(code))
  }

  /**
   * The exit status arrives before the last of the output, and ssh reports it even when the connection broke in between:
   * it counts only while the master lives. 255 says nothing.
   */
  async #trust(code: number): Promise<number | null> {
    if (code === AMBIGUOUS || this.#isClosed) return null
    return (await isListening(`${this.target.folder}/c`)) ? code : null
  }

  #control(order: 'check' | 'exit'): Promise<number> {
    return runProgram('ssh', controlArguments(this.target, order), {
      env: childEnv(process.env),
      silent: true,
      ignoreReturnCode: true,
    }).catch(() => AMBIGUOUS)
  }
}

/** Whether somebody accepts at a UNIX socket: the kernel's own answer, cheaper than one more ssh. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    const answer = (is: boolean) => {
      socket.destroy()
      resolve(is)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}
