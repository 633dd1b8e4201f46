import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../lab/lab'
import { SERVICE_PORT, STATS_PORT, USERS_PORT } from './host-setup'
import { HELPER, TARGETS, type Target } from './scenario'
import { uptimeSeconds } from './uptime'

/** One request of a user, and who answered it. */
export interface Request {
  readonly askedAt: number
  readonly answeredAt: number
  /** The host whose service answered; null: nobody, or the balancer by itself. */
  readonly by: Target | null
  /** Status and first line, or the code of the error. */
  readonly text: string
}

/** What the balancer itself says of its servers, at one moment. */
export interface BalancerLook {
  readonly at: number
  readonly out: readonly Target[]
}

export interface Seen {
  /** Through the balancer. */
  readonly through: readonly Request[]
  /** To each host itself. */
  readonly direct: ReadonlyMap<Target, readonly Request[]>
  readonly balancer: readonly BalancerLook[]
}

const THROUGH_EVERY_MS = 30
const DIRECT_EVERY_MS = 80
const LOOK_EVERY_MS = 120
const TIMEOUT_MS = 700

/** Users of the balancer and of each host, and somebody who watches the balancer, all the time. */
export class Users {
  readonly #stop = new AbortController()
  readonly #through: Request[] = []
  readonly #direct = new Map<Target, Request[]>(TARGETS.map((name) => [name, []]))
  readonly #balancer: BalancerLook[] = []
  readonly #loops: readonly Promise<void>[]

  constructor(lab: Lab) {
    const helper = lab.host(HELPER).address
    const page = `http://${helper}:${USERS_PORT}/health`
    this.#loops = [
      this.#every(THROUGH_EVERY_MS, async () => void this.#through.push(await request(page, null))),
      this.#every(LOOK_EVERY_MS, async () => {
        const look = await balancerLook(`http://${helper}:${STATS_PORT}/;csv`)
        if (look !== null) this.#balancer.push(look)
      }),
      ...[...this.#direct].map(([name, list]) => {
        const own = `http://${lab.host(name).address}:${SERVICE_PORT}/health`
        return this.#every(DIRECT_EVERY_MS, async () => void list.push(await request(own, name)))
      }),
    ]
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await work()
      await sleep(ms)
    }
  }

  async stop(): Promise<Seen> {
    this.#stop.abort()
    await Promise.all(this.#loops)
    return { through: this.#through, direct: this.#direct, balancer: this.#balancer }
  }
}

interface Page {
  readonly status: number | null
  readonly server: string | undefined
  readonly body: string
}

async function request(url: string, own: Target | null): Promise<Request> {
  const askedAt = uptimeSeconds()
  const page = await fetchPage(url)
  const answeredAt = uptimeSeconds()
  const by = page.status === null ? null : (own ?? TARGETS.find((name) => name === page.server) ?? null)
  const text = page.status === null ? page.body : `${page.status} ${page.body.split('\n')[0]}`
  return { askedAt, answeredAt, by, text }
}

/** Status of a server is the 18th column of the balancer's own table. */
async function balancerLook(url: string): Promise<BalancerLook | null> {
  const at = uptimeSeconds()
  const page = await fetchPage(url)
  if (page.status !== 200) return null
  const rows = page.body.split('\n').map((line) => line.split(','))
  const out = TARGETS.filter((name) => rows.some((row) => row[0] === 'web' && row[1] === name && row[17] === 'MAINT'))
  return { at, out }
}

function fetchPage(url: string): Promise<Page> {
  return new Promise((resolve) => {
    const none = (error: NodeJS.ErrnoException) =>
      resolve({ status: null, server: undefined, body: error.code ?? error.message })
    const asked = get(url, { timeout: TIMEOUT_MS, agent: false }, (response) => {
      let body = ''
      const server = response.headers['x-served-by']
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? null, server: typeof server === 'string' ? server : undefined, body }),
      )
      response.on('error', none)
    })
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' })))
    asked.on('error', none)
  })
}
