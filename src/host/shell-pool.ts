import type { Elevation } from './bootstrap'
import { type Exchange, HostShell } from './host-shell'
import type { Transport } from './remote'

/** One for what goes on, one for what is asked beside it; sshd may allow few sessions. */
const MOST_IDLE = 2

type Waiter = (shell: HostShell | null) => void

/**
 * The shells of one connection: one for each thing that goes on at once, kept for the next. Who finds none idle gets a new
 * one or the first that is given back, whichever comes first: where sshd allows one session, a new one never comes.
 */
export class ShellPool {
  readonly transport: Transport
  readonly #elevation: Elevation
  readonly #sudoPassword: string | undefined
  readonly #idle: HostShell[]
  readonly #waiting: Waiter[] = []
  #opening = 0
  #flood: string | null = null

  constructor(
    transport: Transport,
    elevation: Elevation,
    sudoPassword: string | undefined,
    first: readonly HostShell[] = [],
  ) {
    this.transport = transport
    this.#elevation = elevation
    this.#sudoPassword = sudoPassword
    this.#idle = [...first]
  }

  /** Two questions could be answered at once, without a shell that has to be opened first. */
  get hasSpare(): boolean {
    return this.#idle.filter((shell) => !shell.isBroken).length > 1
  }

  /** What the machine said too much of, so that its connection was closed; null: it keeps its bounds. */
  get flood(): string | null {
    return this.#flood
  }

  /** @param onShell is told which shell answers, so that it can be closed early */
  async exchange(x: Exchange, onShell: (shell: HostShell) => void = () => {}): Promise<number | null> {
    const shell = await this.#take(x.signal)
    if (shell === null) return null
    onShell(shell)
    const code = await shell.exchange(x)
    if (shell.flood !== null) this.giveUp(shell.flood)
    else if (!shell.isBroken) this.#give(shell)
    else this.#openForWaiting()
    return code
  }

  /** The machine is not listened to any longer, through none of its channels. */
  giveUp(flood: string): void {
    this.#flood ??= flood
    void this[Symbol.asyncDispose]()
  }

  async #take(signal: AbortSignal): Promise<HostShell | null> {
    for (let shell = this.#idle.pop(); shell !== undefined; shell = this.#idle.pop()) {
      if (!shell.isBroken) return shell
      if (shell.flood !== null) this.giveUp(shell.flood)
    }
    if (this.#flood !== null) return null
    return new Promise((resolve) => {
      const abort = () => {
        const at = this.#waiting.indexOf(waiter)
        if (at >= 0) this.#waiting.splice(at, 1)
        resolve(null)
      }
      const waiter: Waiter = (shell) => {
        signal.removeEventListener('abort', abort)
        resolve(shell)
      }
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.push(waiter)
      this.#openForWaiting()
    })
  }

  #openForWaiting(): void {
    if (this.#opening >= this.#waiting.length) return
    this.#opening += 1
    void HostShell.open(this.transport, this.#elevation, this.#sudoPassword)
      .catch(() => null)
      .then((shell) => {
        this.#opening -= 1
        if (shell === null) this.#waiting.shift()?.(null)
        else if (this.#flood !== null) shell.close()
        else this.#give(shell)
      })
  }

  #give(shell: HostShell): void {
    const next = this.#waiting.shift()
    if (next !== undefined) next(shell)
    else if (this.#idle.length < MOST_IDLE) this.#idle.push(shell)
    else shell.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const waiter of this.#waiting.splice(0)) waiter(null)
    for (const shell of this.#idle.splice(0)) shell.close()
    await this.transport[Symbol.asyncDispose]()
  }
}
