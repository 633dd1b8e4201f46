import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a user got: a status with the first line of the page, or why there was none. */
export interface Answer {
  /** ms since the first request of the client. */
  readonly atMs: number
  readonly text: string
}

export interface Outage {
  readonly host: string
  readonly fromMs: number
  /** null: still out when the client stopped. */
  readonly toMs: number | null
}

const EVERY_MS = 40
const TIMEOUT_MS = 1_500

/** A user: asks each host for one page again and again, all the time, from outside. */
export class OutsideClient implements AsyncDisposable {
  readonly #answers = new Map<string, Answer[]>()
  readonly #stop = new AbortController()
  readonly #loops: Promise<void>[]
  readonly #began = performance.now()

  /** `urls`: by name of the host. */
  constructor(urls: ReadonlyMap<string, string>) {
    this.#loops = [...urls].map(([host, url]) => this.#askAgainAndAgain(host, url))
  }

  async #askAgainAndAgain(host: string, url: string): Promise<void> {
    const answers: Answer[] = []
    this.#answers.set(host, answers)
    while (!this.#stop.signal.aborted) {
      // An answer is of the moment when it was asked for.
      const atMs = performance.now() - this.#began
      answers.push({ atMs, text: await ask(url) })
      await sleep(EVERY_MS)
    }
  }

  /** Since the first request, by the clock of `Answer.atMs`. */
  get nowMs(): number {
    return performance.now() - this.#began
  }

  answers(host: string): readonly Answer[] {
    return this.#answers.get(host) ?? []
  }

  /** Different answers of a host, in the order in which they first came. */
  saw(host: string): readonly string[] {
    return [...new Set(this.answers(host).map((a) => a.text))]
  }

  /** Spans in which no answer of a host began with `200`. */
  outages(): readonly Outage[] {
    return [...this.#answers].flatMap(([host, answers]) => outagesOf(host, answers))
  }

  /** Hosts that were out at one moment, at the worst moment. */
  mostOutAtOnce(): number {
    const outages = this.outages()
    const at = (moment: number) =>
      outages.filter((o) => o.fromMs <= moment && (o.toMs === null || o.toMs >= moment)).length
    return Math.max(0, ...outages.map((o) => at(o.fromMs)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
  }
}

function outagesOf(host: string, answers: readonly Answer[]): readonly Outage[] {
  const outages: { host: string; fromMs: number; toMs: number | null }[] = []
  let open = false
  for (const { atMs, text } of answers) {
    const isUp = text.startsWith('200')
    const last = outages.at(-1)
    if (!isUp && !open) outages.push({ host, fromMs: atMs, toMs: null })
    // The last failed request, not the first good one: between two requests nobody knows.
    if (!isUp && open && last) last.toMs = atMs
    if (isUp && open && last) last.toMs ??= last.fromMs
    open = !isUp
  }
  const last = outages.at(-1)
  if (open && last) last.toMs = null
  return outages
}

function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { timeout: TIMEOUT_MS, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
      })
      response.on('end', () => resolve(`${response.statusCode} ${body.split('\n')[0]}`))
      response.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' })))
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}
