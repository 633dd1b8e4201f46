import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { join } from 'node:path'

export interface Backend {
  readonly name: string
  readonly address: string
  readonly port: number
}

interface Member extends Backend {
  inFlight: number
  isOut: boolean
  /** What the state file says; null before it was written. */
  told: 'in' | 'out' | null
}

const LOOK_EVERY_MS = 25
const BACKEND_MS = 5_000

/**
 * A small load balancer: requests go round among the hosts that are in. Its admin side is its folder: a file `out/NAME`
 * takes a host out, and `state/NAME` says `out` only once the host's last request has been answered.
 */
export class LoadBalancer implements AsyncDisposable {
  readonly #folder: string
  readonly #members: readonly Member[]
  readonly #server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing))
  #timer: NodeJS.Timeout | undefined
  #turn = 0

  private constructor(folder: string, backends: readonly Backend[]) {
    this.#folder = folder
    this.#members = backends.map((backend) => ({ ...backend, inFlight: 0, isOut: false, told: null }))
  }

  /** `folder` holds the folders `out` and `state`. */
  static async start(folder: string, backends: readonly Backend[]): Promise<LoadBalancer> {
    const balancer = new LoadBalancer(folder, backends)
    await new Promise<void>((resolve, reject) => {
      balancer.#server.once('error', reject)
      balancer.#server.listen(0, '127.0.0.1', resolve)
    })
    balancer.#look()
    balancer.#timer = setInterval(() => balancer.#look(), LOOK_EVERY_MS)
    return balancer
  }

  get url(): string {
    const at = this.#server.address()
    if (at === null || typeof at === 'string') throw new Error('the load balancer does not listen')
    return `http://127.0.0.1:${at.port}/`
  }

  #look(): void {
    for (const member of this.#members) {
      member.isOut = existsSync(join(this.#folder, 'out', member.name))
      const state = member.isOut && member.inFlight === 0 ? 'out' : 'in'
      if (state !== member.told) this.#tell(member, state)
    }
  }

  #tell(member: Member, state: 'in' | 'out'): void {
    const path = join(this.#folder, 'state', member.name)
    writeFileSync(`${path}.new`, `${state}\n`, { mode: 0o644 })
    renameSync(`${path}.new`, path)
    member.told = state
  }

  #next(): Member | undefined {
    const ready = this.#members.filter((member) => !member.isOut)
    return ready[this.#turn++ % Math.max(1, ready.length)]
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const member = this.#next()
    if (member === undefined) return void outgoing.writeHead(503).end('no host is in service\n')
    member.inFlight++
    outgoing.once('close', () => {
      member.inFlight--
    })
    const { address, port } = member
    const { method, url, headers } = incoming
    const onward = request({ host: address, port, path: url, method, headers, agent: false, timeout: BACKEND_MS })
    onward.once('timeout', () => onward.destroy(new Error('no answer')))
    onward.once('error', () => {
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502).end(`${member.name} does not answer\n`)
    })
    onward.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'x-served-by': member.name })
      answer.pipe(outgoing)
    })
    incoming.pipe(onward)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
