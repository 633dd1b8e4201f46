import type { FailureCount } from '../config/values'
import type { Rule } from '../stages/stage'
import type { HostEnd } from './host-end'

/** Why nobody else is admitted. */
export interface Closed {
  readonly reason: string
  readonly rule: Rule | null
}

/** After how many failures nobody else is admitted: of one group, or of the whole run. */
export class FailureLimit {
  readonly #most: number
  readonly #scope: string
  readonly #line: number | null
  #failures = 0
  #closed: Closed | null = null

  /**
   * @param ofHosts how many a share is of
   * @param scope words behind the limit in the reason; empty: the group
   */
  constructor(most: FailureCount, ofHosts: number, line: number | null, scope = '') {
    this.#most = failuresOf(most, ofHosts)
    this.#line = line
    this.#scope = scope
  }

  get closed(): Closed | null {
    return this.#closed
  }

  note(host: string, end: HostEnd, admitted: boolean): void {
    const { verdict } = end
    if (verdict !== 'held' && verdict !== 'rolled-back' && !(verdict === 'unreachable' && admitted)) return
    this.#failures += 1
    if (this.#failures <= this.#most) return
    const name = 'rollout.max_failures'
    this.#closed ??= {
      reason: `${host} is ${verdict}, and ${name} allows ${this.#most}${this.#scope}`,
      rule: { name, value: String(this.#most), line: this.#line },
    }
  }
}

/** A share is rounded down, at least 1, but for 0%. */
function failuresOf(most: FailureCount, ofHosts: number): number {
  if (typeof most === 'number') return most
  return most.share === 0 ? 0 : Math.max(1, Math.floor(most.share * ofHosts))
}
