import { type Clock, pause } from '../engine/clock'
import { ConnectError, HostKeyError, LoginRefused } from '../errors'
import { AfterToken, bootCommand, type Elevation, envelope } from './bootstrap'
import { elevate, type Hello } from './elevate'
import { compileAttach, compileStart, type ProgramContext } from './program'
import { ProgramReader } from './program-reader'
import { compileQuestions, isWhole, parseAnswers } from './question'
import type { Answer, Channel, Dialer, Program, ProgramEnd, Question, Remote, Transport, WireItem } from './remote'

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
const OVERTIME_GRACE_MS = 60_000
/** Longer than the follower waits between two looks: what it saw before it has told by then. */
const LOOK_EVERY_MS = 400

/** The engine's one connection to a machine: made again when it breaks, so that nothing on the host is interrupted. */
export class HostSession implements Remote {
  readonly #options: SessionOptions
  #transport: Transport | null
  #elevation: Elevation
  readonly hello: Hello
  readonly stateDir: string

  private constructor(options: SessionOptions, transport: Transport, elevation: Elevation, hello: Hello) {
    this.#options = options
    this.#transport = transport
    this.#elevation = elevation
    this.hello = hello
    this.stateDir =
      options.stateDir ?? (this.rights === 'root' ? '/var/lib/pitstop' : `${hello.home}/.local/state/pitstop`)
  }

  /** @throws HostKeyError | LoginRefused | ConnectError | NoRootError */
  static async open(options: SessionOptions, signal: AbortSignal): Promise<HostSession> {
    const transport = await options.dialer.connect(signal)
    try {
      const { elevation, hello } = await elevate(transport, options.become, options.sudoPassword)
      return new HostSession(options, transport, elevation, hello)
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
    if (questions.length === 0) return []
    const payload = compileQuestions(questions)
    const deadlineMs = deadlineOf(questions)
    const beganMs = performance.now()
    let bytes = await this.send(payload, signal, deadlineMs)
    // Half an answer is no answer: a shell that was killed, a connection that broke between two of them. Asked once more,
    // but not where the time was up.
    const isEarly = performance.now() - beganMs < deadlineMs
    if (bytes !== null && !isWhole(bytes) && isEarly && !signal.aborted)
      bytes = await this.send(payload, signal, deadlineMs)
    return parseAnswers(bytes ?? Buffer.alloc(0), questions)
  }

  /** One payload whose whole output is wanted; null when the connection broke twice. Only for what may run twice. */
  async send(payload: string, signal: AbortSignal, deadlineMs = ASK_DEADLINE_MS): Promise<Buffer | null> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const transport = await this.#connected(signal)
      if (transport === null) return null
      const whole = await this.#exchange(transport, payload, signal, deadlineMs)
      if (whole !== null || signal.aborted) return whole
    }
    return null
  }

  async #exchange(
    transport: Transport,
    payload: string,
    signal: AbortSignal,
    deadlineMs: number,
  ): Promise<Buffer | null> {
    const chunks: Buffer[] = []
    const end = await this.#converse(transport, payload, signal, deadlineMs, (b) => {
      if (b.length > 0) chunks.push(b)
    })
    // A channel that ended without an exit code broke: what came is half an answer. Frames tell which answers are whole.
    return end === null && chunks.length === 0 ? null : Buffer.concat(chunks)
  }

  async #converse(
    transport: Transport,
    payload: string,
    signal: AbortSignal,
    deadlineMs: number,
    onBytes: (bytes: Buffer) => void,
    onLive: (bytes: Uint8Array) => void = () => undefined,
    stop?: { close?: () => void },
  ): Promise<number | null> {
    const channel = await transport.exec(bootCommand(this.#elevation)).catch(() => null)
    if (channel === null) return null
    const { token, input } = envelope(
      payload,
      this.#elevation === 'sudo-password' ? this.#options.sudoPassword : undefined,
    )
    if (stop) stop.close = () => channel.close()
    const close = () => channel.close()
    signal.addEventListener('abort', close, { once: true })
    const timer = Number.isFinite(deadlineMs) ? setTimeout(close, deadlineMs) : undefined
    try {
      channel.stdin.write(input)
      if (stop === undefined) channel.stdin.end()
      const after = new AfterToken(token)
      const afterNoise = new AfterToken(token)
      await Promise.all([
        drainInto(channel, 'stdout', (c) => onBytes(after.push(c))),
        drainInto(channel, 'stderr', (c) => onLive(afterNoise.push(c))),
      ])
      const code = await channel.exit
      return after.seen ? code : null
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', close)
    }
  }

  /** Starts a program once, follows it to its end, through as many connections as it takes. */
  async run(
    program: Program,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
    context: ProgramContext,
  ): Promise<ProgramEnd> {
    return this.#follow(
      compileStart(program, context),
      new ProgramReader(program.steps, onItem),
      `${context.runDir}/${program.id}`,
      onItem,
      signal,
    )
  }

  /** Follows a program that an earlier run (or an earlier connection) started. */
  async attach(
    program: Program,
    dir: string,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    return this.#follow(compileAttach(dir), new ProgramReader(program.steps, onItem), dir, onItem, signal)
  }

  async #follow(
    payload: string,
    reader: ProgramReader,
    dir: string,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    let failures = 0
    for (;;) {
      const transport = await this.#connected(signal)
      if (signal.aborted) return { t: 'cancelled' }
      if (transport === null) return { t: 'lost', why: this.#lost }
      reader.restart()
      const code = await this.#followOnce(transport, payload, reader, signal)
      const end = reader.end(code)
      if (end !== null) return end.t === 'overtime' ? { ...end, pid: await this.#pidOf(dir, signal) } : end
      if (signal.aborted) return { t: 'cancelled' }
      if (++failures > 20)
        return { t: 'lost', why: 'the program could not be followed: twenty channels in a row broke' }
      if (await this.#isGone(transport)) onItem({ t: 'reconnected' })
      await pause(this.#options.clock, Math.min(100 * 2 ** failures, 5_000), signal)
    }
  }

  async #followOnce(
    transport: Transport,
    payload: string,
    reader: ProgramReader,
    signal: AbortSignal,
  ): Promise<number | null> {
    const stop: { close?: () => void } = {}
    const look = setInterval(() => {
      reader.settle()
      if (reader.isOvertime(performance.now(), OVERTIME_GRACE_MS)) stop.close?.()
    }, LOOK_EVERY_MS)
    try {
      return await this.#converse(
        transport,
        payload,
        signal,
        Number.POSITIVE_INFINITY,
        (bytes) => {
          reader.push(bytes)
          // The records say that it is over: no need to wait for the follower to notice.
          if (reader.isOver) stop.close?.()
        },
        (bytes) => {
          reader.live(bytes)
          if (reader.isOver) stop.close?.()
        },
        stop,
      )
    } finally {
      clearInterval(look)
    }
  }

  async #pidOf(dir: string, signal: AbortSignal): Promise<number | null> {
    const bytes = await this.send(`read -r p _ <'${dir.replaceAll("'", '')}/pid' && printf '%s' "$p"`, signal)
    const text = bytes?.toString('latin1') ?? ''
    return /^\d{1,10}$/.test(text) ? Number(text) : null
  }

  #lost = 'no connection'

  async #isGone(transport: Transport): Promise<boolean> {
    return Promise.race([
      transport.closed.then(() => true),
      pause(this.#options.clock, 10, new AbortController().signal).then(() => false),
    ])
  }

  /** The living transport, or a new one; null when it could not be had within `lostAfterMs`. */
  async #connected(signal: AbortSignal): Promise<Transport | null> {
    const current = this.#transport
    if (current !== null && !(await this.#isClosed(current))) return current
    const until = this.#options.clock.monotonicMs() + (this.#options.lostAfterMs ?? 600_000)
    return this.#oneAtATime(until, signal)
  }

  #connecting: Promise<Transport | null> | null = null

  /** Renewal, checks and programs may all find the connection gone: one of them makes the new one. */
  #oneAtATime(until: number, signal: AbortSignal): Promise<Transport | null> {
    this.#connecting ??= this.#reconnectUntil(until, signal).finally(() => {
      this.#connecting = null
    })
    return this.#connecting
  }

  async #isClosed(transport: Transport): Promise<boolean> {
    return Promise.race([transport.closed.then(() => true), Promise.resolve(false).then(() => false)])
  }

  async #reconnectUntil(until: number, signal: AbortSignal): Promise<Transport | null> {
    const { clock, dialer } = this.#options
    if (this.#transport !== null) this.#options.onReconnect?.(await this.#transport.closed)
    this.#transport = null
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        this.#transport = await dialer.connect(signal, { attempts: 1 })
        return this.#transport
      } catch (error) {
        this.#lost = error instanceof Error ? error.message : String(error)
        // A key that changed under us, or a login that is refused, is never tried again.
        if (error instanceof HostKeyError || error instanceof LoginRefused) return null
      }
      const waitMs = reconnectPauseMs(tries)
      if (clock.monotonicMs() + waitMs > until) return null
      await pause(clock, waitMs, signal)
    }
    return null
  }

  async dial(host: string, port: number) {
    const transport = await this.#connected(new AbortController().signal)
    if (transport === null) throw new ConnectError(`the connection to the host is lost: ${this.#lost}`)
    return transport.dial(host, port)
  }

  async freshLogin(signal: AbortSignal): Promise<void> {
    const second = await this.#options.dialer.connect(signal, { attempts: 1 })
    try {
      const { hello } = await elevate(second, this.#options.become, this.#options.sudoPassword)
      if (hello.machineId !== this.hello.machineId) throw new ConnectError('the fresh login reached another machine')
    } finally {
      await second[Symbol.asyncDispose]()
    }
  }

  async reconnect(signal: AbortSignal, deadlineMs: number): Promise<void> {
    const old = this.#transport
    if (old !== null) {
      await old[Symbol.asyncDispose]()
      await old.closed
    }
    const got = await this.#oneAtATime(this.#options.clock.monotonicMs() + deadlineMs, signal)
    if (got === null) throw new ConnectError(`no connection within ${Math.round(deadlineMs / 1000)} s: ${this.#lost}`)
  }

  /** Resolves when the present connection is gone. */
  get closed(): Promise<string> {
    return this.#transport?.closed ?? Promise.resolve('not connected')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#transport?.[Symbol.asyncDispose]()
    this.#transport = null
  }
}

/** One try at a time, 1 s apart for 10 tries, growing to 12 s (H37: sshd punishes a hail of connections). */
function reconnectPauseMs(tries: number): number {
  return tries < 10 ? 1_000 : Math.min(1_000 * 1.3 ** (tries - 9), 12_000)
}

function deadlineOf(questions: readonly Question[]): number {
  return questions.reduce((ms, q) => ms + (q.timeoutMs ?? 0) + (q.timeoutMs ? 5_000 : 0), ASK_DEADLINE_MS)
}

async function drainInto(
  channel: Channel,
  stream: 'stdout' | 'stderr',
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  try {
    for await (const chunk of channel[stream]) take(chunk)
  } catch {
    // A broken stream ends what can be read; the exit code (null) says that it broke.
  }
}
