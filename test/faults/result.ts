import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Broken } from './broken'
import type { Variant } from './scenario'

/** One line of the campaign's record. */
export interface Result {
  readonly at: string
  readonly seed: number
  readonly version: string
  readonly variant: Variant
  /** `none`: the scene without a strike. */
  readonly fault: string
  readonly point: string | null
  readonly isBroken: boolean
  readonly secondMode: 'run' | 'recover'
  readonly alone: boolean
  /** The event never came: not counted. */
  readonly isMissed: boolean
  /** Verdicts on the struck host; null: none, as the runner was killed. */
  readonly firstVerdict: string | null
  readonly secondVerdict: string | null
  readonly secondReason: string | null
  /** Held with packages half configured, by a cut of dpkg itself. */
  readonly isHalfConfigured: boolean
  readonly leased: readonly string[]
  /** Boots of the struck host, the first one included. */
  readonly boots: number
  readonly broken: readonly Broken[]
  /** Folder of the evidence of a broken promise. */
  readonly evidence: string | null
  readonly seconds: number
}

/** Kept line by line, so that a campaign goes on where it was interrupted. */
export class Results {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  add(result: Result): void {
    appendFileSync(this.#path, `${JSON.stringify(result)}\n`)
  }

  all(): readonly Result[] {
    if (!existsSync(this.#path)) return []
    return readFileSync(this.#path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Result)
  }
}
