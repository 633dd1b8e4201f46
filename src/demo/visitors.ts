import { get } from 'node:http'

/** What the users of the demo saw. */
export interface Visits {
  readonly requests: number
  /** Answers that were no 200, and requests without an answer. */
  readonly failed: number
  /** Host → version it last answered with. */
  readonly versions: ReadonlyMap<string, string>
}

const PAUSE_MS = 40
const PATIENCE_MS = 5_000

/** Asks the service through the load balancer for as long as the demo runs, one request after the other. */
export class Visitors {
  readonly #url: string
  readonly #versions = new Map<string, string>()
  #requests = 0
  #failed = 0
  #isOver = false
  readonly #walking: Promise<void>

  constructor(url: string) {
    this.#url = url
    this.#walking = this.#walk()
  }

  /** Ends the visits, after the request that is under way. */
  async end(): Promise<Visits> {
    this.#isOver = true
    await this.#walking
    return { requests: this.#requests, failed: this.#failed, versions: this.#versions }
  }

  async #walk(): Promise<void> {
    while (!this.#isOver) {
      const answer = await visit(this.#url)
      this.#requests++
      if (answer === null) this.#failed++
      else this.#versions.set(answer.host, answer.version)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
}

/** null: whoever asked did not get the page. */
function visit(url: string): Promise<{ host: string; version: string } | null> {
  return new Promise((resolve) => {
    const asking = get(url, { agent: false, timeout: PATIENCE_MS }, (answer) => {
      const { statusCode, headers } = answer
      answer.once('error', () => resolve(null))
      answer.once('end', () => {
        const isServed = statusCode === 200 && typeof headers['x-version'] === 'string'
        resolve(isServed ? { host: String(headers['x-served-by']), version: String(headers['x-version']) } : null)
      })
      answer.resume()
    })
    asking.once('timeout', () => asking.destroy(new Error('no answer')))
    asking.once('error', () => resolve(null))
  })
}
