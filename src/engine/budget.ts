import type { GroupConfig } from '../config/schema'
import type { Rule } from '../stages/stage'
import { type Closed, FailureLimit } from './failure-limit'
import { ended, type HostEnd } from './host-end'
import { countOf } from './waves'
import type { Doubt } from './well-being'

/** How many hosts of one group may be out at once, and after how many failures nobody else may follow (promise 3). */
export class Budget {
  readonly maxUnavailable: number
  readonly #group: GroupConfig
  readonly #lines: Readonly<Record<string, number>>
  /** Who counts as out, and why. */
  readonly #out = new Map<string, string>()
  /** Those of them that this run maintains at this moment. */
  readonly #working = new Set<string>()
  #waiting: (() => void)[] = []
  readonly #failures: FailureLimit
  #closed: Closed | null = null

  /** @param lines where the file says what, by path; what is absent is a default */
  constructor(group: GroupConfig, hostsInFile: number, lines: Readonly<Record<string, number>>) {
    this.#group = group
    this.#lines = lines
    this.maxUnavailable = countOf(group.rollout.max_unavailable, hostsInFile)
    const line = lines['rollout.max_failures'] ?? null
    this.#failures = new FailureLimit(group.rollout.max_failures, hostsInFile, line)
  }

  /** There are hosts enough for another run to use up the places. */
  get isShared(): boolean {
    return this.#group.hosts.length > this.maxUnavailable
  }

  /** Why no further host of the group is admitted, or null. */
  get closed(): Closed | null {
    return this.#failures.closed ?? this.#closed
  }

  close(reason: string): void {
    this.#closed ??= {
      reason,
      rule: this.#rule('rollout.canary', this.#group.rollout.canary),
    }
  }

  /** Takes a place for a host; a verdict for it where none is left. */
  take(host: string): HostEnd | null {
    const others = [...this.#out].filter(([name]) => name !== host)
    if (others.length >= this.maxUnavailable) {
      const rule = this.#rule('rollout.max_unavailable', this.maxUnavailable)
      return ended('untouched', `not admitted: ${outInWords(others)}, and ${rule.name} allows ${rule.value}`, rule)
    }
    this.#out.set(host, 'it is at work')
    this.#working.add(host)
    return null
  }

  /** Some of the places will be free again: of hosts that this run is at work on. */
  get isBusy(): boolean {
    return this.#working.size > 0
  }

  /** Until a host that this run is at work on has its verdict. */
  turn(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  free(host: string): void {
    this.#out.delete(host)
    if (!this.#working.delete(host)) return
    for (const go of this.#waiting.splice(0)) go()
  }

  /** A host that a look found out of service, or could not reach. Its own turn may show better. */
  found(host: string, why: string): void {
    this.#out.set(host, why)
  }

  /**
   * What a verdict means for those who come after.
   * @param out why the host counts as out of service
   */
  note(host: string, end: HostEnd, admitted: boolean, out: Doubt): void {
    if (out != null) this.#out.set(host, out)
    this.#failures.note(host, end, admitted)
  }

  #rule(name: string, value: number): Rule {
    return { name, value: String(value), line: this.#lines[name] ?? null }
  }
}

const SHOWN = 3

function outInWords(out: readonly (readonly [string, string])[]): string {
  const named = out.slice(0, SHOWN).map(([name, why]) => `${name} (${why})`)
  const more = out.length > SHOWN ? ` and ${out.length - SHOWN} more` : ''
  return `${named.join(', ')}${more} of its group ${out.length === 1 ? 'counts' : 'count'} as out of service already`
}
