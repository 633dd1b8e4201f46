import type { GroupConfig } from '../config/schema'
import type { Rule } from '../stages/stage'
import { ended, type HostEnd } from './host-end'
import { countOf } from './waves'

/** How many hosts of one group may be out at once, and after how many failures nobody else may follow (promise 3). */
export class Budget {
  readonly maxUnavailable: number
  readonly #group: GroupConfig
  readonly #lines: Readonly<Record<string, number>>
  readonly #out = new Set<string>()
  #failures = 0
  #closed: { reason: string; rule: Rule | null } | null = null

  /** @param lines where the file says what, by path; what is absent is a default */
  constructor(group: GroupConfig, hostsInFile: number, lines: Readonly<Record<string, number>>) {
    this.#group = group
    this.#lines = lines
    this.maxUnavailable = countOf(group.rollout.max_unavailable, hostsInFile)
  }

  /** There are hosts enough for another run to use up the places. */
  get isShared(): boolean {
    return this.#group.hosts.length > this.maxUnavailable
  }

  /** Why no further host of the group is admitted, or null. */
  get closed(): { readonly reason: string; readonly rule: Rule | null } | null {
    return this.#closed
  }

  close(reason: string): void {
    this.#closed ??= {
      reason,
      rule: this.#rule('rollout.canary', this.#group.rollout.canary),
    }
  }

  /** Takes a place for a host; a verdict for it where none is left. */
  take(host: string): HostEnd | null {
    const others = [...this.#out].filter((name) => name !== host)
    if (others.length >= this.maxUnavailable) {
      const rule = this.#rule('rollout.max_unavailable', this.maxUnavailable)
      return ended(
        'untouched',
        `not admitted: ${others.join(', ')} of its group ${others.length === 1 ? 'is' : 'are'} out of service already`,
        rule,
      )
    }
    this.#out.add(host)
    return null
  }

  free(host: string): void {
    this.#out.delete(host)
  }

  /** A host that a first look found out of service, or could not reach. Its own turn may show better. */
  found(host: string): void {
    this.#out.add(host)
  }

  /** What a verdict means for those who come after. */
  note(host: string, end: HostEnd, admitted: boolean): void {
    if (isOut(end, admitted)) this.#out.add(host)
    const failed =
      end.verdict === 'held' || end.verdict === 'rolled-back' || (end.verdict === 'unreachable' && admitted)
    if (!failed) return
    this.#failures += 1
    const { max_failures: most } = this.#group.rollout
    if (this.#failures > most) {
      this.#closed ??= {
        reason: `${host} is ${end.verdict}, and rollout.max_failures allows ${most}`,
        rule: this.#rule('rollout.max_failures', most),
      }
    }
  }

  #rule(name: string, value: number): Rule {
    return { name, value: String(value), line: this.#lines[name] ?? null }
  }
}

/** Held, unreachable, leased by others and found out: all of them may be out, so all of them count as out. */
function isOut(end: HostEnd, admitted: boolean): boolean {
  if (end.verdict === 'held' || end.verdict === 'unreachable') return true
  return end.verdict === 'untouched' && !admitted && (end.rule?.name === 'lease' || end.rule?.value === 'out')
}
