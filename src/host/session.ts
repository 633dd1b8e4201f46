import { whyNoStateDir } from '../config/state-dir'
import type { Clock } from '../engine/clock'
import { ConnectError, MaintenanceError } from '../errors'
import type { Elevation } from './bootstrap'
import { ByteQueue } from './bounds/byte-queue'
import { Connection } from './connection'
import { elevate, type Hello } from './elevate'
import { type Followed, followProgram } from './following/follow-program'
import { boundsOfFound } from './following/program-bounds'
import type { HostShell } from './host-shell'
import { compileAttach, compileStart, type ProgramContext } from './program'
import { ProgramReader } from './program-reader'
import { compileQuestions, isWhole, mostBytesOf, parseAnswers } from './question'
import type { Answer, Dialer, Program, ProgramEnd, Question, Remote, Transport, WireItem } from './remote'
import { shareQuestions } from './share-questions'
import { ShellPool } from './shell-pool'

export interface SessionOptions {
  readonly dialer: Dialer
  readonly clock: Clock
  readonly become: 'sudo' | 'none'
  /** Given only where `sudo -n` fails; never in plan. */
  readonly sudoPassword?: string
  readonly stateDir: string | null
  /** How long a lost connection is tried again before it counts as lost for good, in ms. */
  readonly lostAfterMs?: number
  readonly onReconnect?: (why: string) => void
}

const ASK_DEADLINE_MS = 120_000
/** Leases, states and the like: a few lines each. */
const SENT_BYTES = 256 * 1024
/** From so many questions on a second shell is worth what it costs to open it. */
const MANY = 6
/** The engine's one connection to a machine: made again when it breaks, so that nothing on the host is interrupted. */
export class HostSession implements Remote {
  readonly #options: SessionOptions
  readonly #connection: Connection
  readonly #elevation: Elevation
  readonly hello: Hello
  /** Fingerprint of the verified host key; null: the transport does not tell. */
  readonly hostKey: string | null
  readonly stateDir: string

  private constructor(
    options: SessionOptions,
    transport: Transport,
    first: HostShell,
    elevation: Elevation,
    hello: Hello,
  ) {
    const shellsOf = (transport: Transport, idle: readonly HostShell[] = []) =>
      new ShellPool(transport, elevation, options.sudoPassword, idle)
    this.#options = options
    this.#connection = new Connection(options, shellsOf(transport, [first]), (next) => shellsOf(next))
    this.#elevation = elevation
    this.hello = hello
    this.hostKey = transport.hostKey ?? null
    this.stateDir = options.stateDir ?? (this.rights === 'root' ? '/var/lib/pitstop' : belowHome(hello.home))
  }

  /** @throws HostKeyError | LoginRefused | ConnectError | NoRootError */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<HostSession> {
    const transport = await options.dialer.connect(signal)
    try {
      const { shell, elevation, hello } = await elevate(transport, options.become, options.sudoPassword, signal)
      return new HostSession(options, transport, shell, elevation, hello)
    } catch (error) {
      await transport[Symbol.asyncDispose]()
      throw error
    }
  }

  get rights(): 'root' | 'none' {
    return this.hello.uid === 0 || this.#elevation !== 'none' ? 'root' : 'none'
  }

  /** Read-only questions in one round trip; asked again over a new connection when the old one broke. */
  async ask(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    // A host has more than one processor: two of its shells answer them in half the time.
    const isSplit = questions.length >= MANY || (questions.length > 1 && (await this.#hasSpareShell(signal)))
    if (!isSplit) return this.#askOneShell(questions, signal)
    const shares = shareQuestions(questions, 2)
    const share = (places: readonly number[]) => questions.filter((_, place) => places.includes(place))
    const answers = await Promise.all(shares.map((places) => this.#askOneShell(share(places), signal)))
    const byPlace = new Map(shares.flatMap((places, i) => places.map((place, k) => [place, answers[i]?.[k]])))
    return questions.flatMap((_, place) => byPlace.get(place) ?? [])
  }

  /** A shell that is open already costs nothing. */
  async #hasSpareShell(signal: AbortSignal): Promise<boolean> {
    return (await this.#connection.shells(signal))?.hasSpare ?? false
  }

  async #askOneShell(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    if (questions.length === 0) return []
    const payload = compileQuestions(questions)
    const deadlineMs = deadlineOf(questions)
    const beganMs = performance.now()
    const bounds = { deadlineMs, mostBytes: mostBytesOf(questions) }
    let bytes = await this.send(payload, signal, bounds)
    // Half an answer is no answer: a shell that was killed between two of them. Asked once more, but not where the time
    // was up.
    const isEarly = performance.now() - beganMs < deadlineMs
    if (bytes !== null && !isWhole(bytes) && isEarly && !signal.aborted)
      bytes = await this.send(payload, signal, bounds)
    return parseAnswers(bytes ?? Buffer.alloc(0), questions)
  }

  /**
   * One payload whose whole output is wanted; null when the connection broke twice, or the machine said more than it may
   * and is listened to no longer. Only for what may run twice.
   */
  async send(
    payload: string,
    signal: AbortSignal,
    { deadlineMs = ASK_DEADLINE_MS, mostBytes = SENT_BYTES }: { deadlineMs?: number; mostBytes?: number } = {},
  ): Promise<Buffer | null> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const shells = await this.#connection.shells(signal)
      if (shells === null) return null
      const said = new ByteQueue()
      const code = await shells.exchange({
        payload,
        signal,
        deadlineMs,
        mostBytes,
        onBytes: (bytes) => said.push(bytes),
      })
      if (shells.flood !== null) return null
      // A shell that broke gave half an answer at most. Frames tell which of its answers are whole.
      if (code !== null || said.length > 0 || signal.aborted) return said.take(said.length)
    }
    return null
  }

  /** Starts a program once, follows it to its end, through as many connections as it takes. */
  async run(
    program: Program,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
    context: ProgramContext,
  ): Promise<ProgramEnd> {
    const dir = `${context.runDir}/${program.id}`
    const reader = new ProgramReader(program.steps, onItem, this.#nowMs)
    return followProgram(this.#followed(reader, dir, onItem), compileStart(program, context), signal)
  }

  /** Follows a program that an earlier run (or an earlier connection) started. */
  async attach(
    program: Program,
    dir: string,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const reader = new ProgramReader(program.steps, onItem, this.#nowMs, boundsOfFound(program.steps))
    return followProgram(this.#followed(reader, dir, onItem), compileAttach(dir), signal)
  }

  #followed(reader: ProgramReader, dir: string, onItem: (item: WireItem) => void): Followed {
    return {
      connection: this.#connection,
      clock: this.#options.clock,
      reader,
      onItem,
      pid: (signal) => this.#pidOf(dir, signal),
    }
  }

  readonly #nowMs = () => this.#options.clock.monotonicMs()

  async #pidOf(dir: string, signal: AbortSignal): Promise<number | null> {
    const bytes = await this.send(`read -r p _ <'${dir.replaceAll("'", '')}/pid' && printf '%s' "$p"`, signal)
    const text = bytes?.toString('latin1') ?? ''
    return /^\d{1,10}$/.test(text) ? Number(text) : null
  }

  async dial(host: string, port: number) {
    const shells = await this.#connection.shells(new AbortController().signal)
    if (shells === null) throw new ConnectError(`the connection to the host is lost: ${this.#connection.why}`)
    return shells.transport.dial(host, port)
  }

  async freshLogin(signal: AbortSignal): Promise<void> {
    const second = await this.#options.dialer.connect(signal, { attempts: 1 })
    try {
      const { hello } = await elevate(second, this.#options.become, this.#options.sudoPassword, signal)
      if (hello.machineId !== this.hello.machineId) throw new ConnectError('the fresh login reached another machine')
    } finally {
      await second[Symbol.asyncDispose]()
    }
  }

  reconnect(signal: AbortSignal, deadlineMs: number): Promise<void> {
    return this.#connection.renew(signal, deadlineMs)
  }

  /** Resolves when the present connection is gone. */
  get closed(): Promise<string> {
    return this.#connection.closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#connection[Symbol.asyncDispose]()
  }
}

/** The host names its home: that is no reason to write wherever it says. @throws MaintenanceError */
function belowHome(home: string): string {
  const path = `${home}/.local/state/pitstop`
  const why = whyNoStateDir(path)
  if (why === null) return path
  throw new MaintenanceError(`the state cannot be kept in the home of the login: ${why}`, {
    hint: 'Give the host a `state_dir` of its own.',
  })
}

function deadlineOf(questions: readonly Question[]): number {
  return questions.reduce((ms, q) => ms + (q.timeoutMs ?? 0) + (q.timeoutMs ? 5_000 : 0), ASK_DEADLINE_MS)
}
