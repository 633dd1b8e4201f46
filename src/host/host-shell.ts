import { BetweenMarks } from './between-marks'
import { bootCommand, type Elevation, envelope } from './bootstrap'
import type { Channel, Transport } from './remote'

export interface Exchange {
  readonly payload: string
  /** Closes the shell when it aborts. */
  readonly signal: AbortSignal
  /** In ms; Infinity for what ends by itself or by `HostShell.close`. */
  readonly deadlineMs: number
  /** Most that the answer may be. A machine that says more is not listened to any longer. */
  readonly mostBytes: number
  readonly onBytes: (bytes: Buffer) => void
  readonly onLive?: (bytes: Buffer) => void
}

type Stream = 'stdout' | 'stderr'

/** Noise of a login that is passed over: before an answer, beside it, and while nothing is asked. */
const NOISE_BYTES = 2 ** 20

/** One shell on a machine that answers payload after payload, one at a time. */
export class HostShell {
  readonly #channel: Channel
  #isBroken = false
  #flood: string | null = null
  /** Since the last exchange began, or ended. */
  #seen: Record<Stream, number> = { stdout: 0, stderr: 0 }
  #most: Record<Stream, number> = { stdout: NOISE_BYTES, stderr: NOISE_BYTES }
  /** Who is told of bytes and of the end of the streams; nobody between two exchanges. */
  #take: ((stream: Stream, bytes: Uint8Array) => void) | null = null
  #onBroken: () => void = () => {}

  private constructor(channel: Channel) {
    this.#channel = channel
    // The last bytes may come after the exit: only all three together are the end.
    void Promise.all([this.#read('stdout'), this.#read('stderr'), channel.exit]).then(() => this.#break())
  }

  /** @throws ConnectError */
  static async open(transport: Transport, elevation: Elevation, sudoPassword?: string): Promise<HostShell> {
    const shell = new HostShell(await transport.exec(bootCommand(elevation)))
    if (elevation === 'sudo-password' && sudoPassword !== undefined) shell.#channel.stdin.write(`${sudoPassword}\n`)
    return shell
  }

  /** Nothing more can be asked of it. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  /** What the machine said too much of: no answer of it is to be waited for. null: it keeps its bounds. */
  get flood(): string | null {
    return this.#flood
  }

  /** The exit code of the payload; null: the shell broke, and what came is half an answer. Never rejects. */
  async exchange(x: Exchange): Promise<number | null> {
    if (this.#isBroken || x.signal.aborted) return null
    const { token, input } = envelope(x.payload)
    const [out, live] = [new BetweenMarks(token), new BetweenMarks(token)]
    const close = () => this.close()
    x.signal.addEventListener('abort', close, { once: true })
    const timer = Number.isFinite(x.deadlineMs) ? setTimeout(close, x.deadlineMs) : undefined
    // What steps print goes through and is not kept: it has no bound here.
    const mostLive = x.onLive === undefined ? NOISE_BYTES : Number.POSITIVE_INFINITY
    this.#expect(x.mostBytes + NOISE_BYTES, mostLive)
    try {
      await new Promise<void>((resolve) => {
        this.#onBroken = resolve
        this.#take = (stream, bytes) => {
          if (stream === 'stdout') x.onBytes(out.push(bytes))
          else x.onLive === undefined ? live.push(bytes) : x.onLive(live.push(bytes))
          if (out.isOver && live.isOver) resolve()
        }
        this.#channel.stdin.write(input)
      })
      return out.isOver && live.isOver ? out.code : null
    } finally {
      this.#take = null
      this.#expect(NOISE_BYTES, NOISE_BYTES)
      clearTimeout(timer)
      x.signal.removeEventListener('abort', close)
    }
  }

  /** Closes the channel; what was started on the machine may live on. */
  close(): void {
    this.#break()
    this.#channel.close()
  }

  #expect(stdout: number, stderr: number): void {
    this.#seen = { stdout: 0, stderr: 0 }
    this.#most = { stdout, stderr }
  }

  #count(stream: Stream, bytes: number): void {
    this.#seen[stream] += bytes
    if (this.#seen[stream] <= this.#most[stream]) return
    this.#flood ??= `the host says more than it was asked (over ${this.#most[stream]} bytes): it is not listened to any longer`
    this.close()
  }

  #break(): void {
    this.#isBroken = true
    this.#onBroken()
  }

  async #read(stream: Stream): Promise<void> {
    try {
      for await (const chunk of this.#channel[stream]) {
        this.#count(stream, chunk.length)
        if (this.#flood !== null) return
        this.#take?.(stream, chunk)
      }
    } catch {
      // A broken stream ends what can be read: the shell is broken, which says it all.
    }
  }
}
