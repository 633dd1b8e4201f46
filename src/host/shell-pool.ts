import type { Elevation } from './bootstrap'
import { type Exchange, HostShell } from './host-shell'
import type { Transport } from './remote'

/** One for what goes on, one for what is asked beside it; sshd may allow few sessions. */
const MOST_IDLE = 2

/** The shells of one connection: one for each thing that goes on at once, kept for the next. */
export class ShellPool {
  readonly transport: Transport
  readonly #elevation: Elevation
  readonly #sudoPassword: string | undefined
  readonly #idle: HostShell[]

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

  /** @param onShell is told which shell answers, so that it can be closed early */
  async exchange(x: Exchange, onShell: (shell: HostShell) => void = () => {}): Promise<number | null> {
    const shell = await this.#take()
    if (shell === null) return null
    onShell(shell)
    const code = await shell.exchange(x)
    if (!shell.isBroken) this.#keep(shell)
    return code
  }

  #keep(shell: HostShell): void {
    if (this.#idle.length < MOST_IDLE) this.#idle.push(shell)
    else shell.close()
  }

  async #take(): Promise<HostShell | null> {
    for (let shell = this.#idle.pop(); shell !== undefined; shell = this.#idle.pop()) {
      if (!shell.isBroken) return shell
    }
    return HostShell.open(this.transport, this.#elevation, this.#sudoPassword).catch(() => null)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const shell of this.#idle.splice(0)) shell.close()
    await this.transport[Symbol.asyncDispose]()
  }
}
