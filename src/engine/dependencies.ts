import pLimit from 'p-limit'
import type { GroupConfig, HostConfig } from '../config/schema'
import { isLive } from './canary'
import type { EngineIo } from './engine-io'
import { ended, type HostEnd } from './host-end'
import { HostRun } from './host-run'
import type { Doubt } from './well-being'

export interface DependencyInput {
  readonly groups: readonly GroupConfig[]
  /** Selected hosts that are not skipped. */
  readonly hosts: ReadonlyMap<string, HostConfig>
  /** Targets of the file that are not selected, without those under `skip`. */
  readonly others: ReadonlyMap<string, HostConfig>
  /** Hosts of the file that serve others: host or helper name → hosts whose traffic or connection goes through it. */
  readonly clients: ReadonlyMap<string, readonly string[]>
}

/** The verdict of a host, and what it means for others: why it counts as out of service (undefined: nobody has looked). */
export type FleetEnd = HostEnd & { readonly admitted: boolean; readonly out: Doubt }
export type FleetEnds = ReadonlyMap<string, FleetEnd>

/** A needed group, and the first of its hosts that keeps those waiting who need it. */
export interface UnmetNeed {
  readonly group: string
  readonly host: string
  readonly why: string
}

/** What groups need of one another, and hosts of those that serve them (design 4.2). Looks, and takes nothing. */
export class Dependencies {
  readonly #input: DependencyInput
  readonly #io: EngineIo
  /** The verdicts of this run, as far as it is. */
  readonly #ends: FleetEnds

  constructor(input: DependencyInput, io: EngineIo, ends: FleetEnds) {
    this.#input = input
    this.#io = io
    this.#ends = ends
  }

  /** All selected hosts of a needed group must be live, and those that were not selected must serve. Skipped ones are ignored. */
  async unmetNeed(group: GroupConfig): Promise<UnmetNeed | null> {
    for (const need of group.needs) {
      const names = this.#input.groups.find((g) => g.name === need)?.hosts ?? []
      const parallel = pLimit(group.rollout.parallel)
      const found = await Promise.all(names.map((name) => parallel(() => this.#whyUnmet(name))))
      const at = found.findIndex((why) => why !== null)
      if (at >= 0) return { group: need, host: names[at] ?? '', why: found[at] ?? '' }
    }
    return null
  }

  async #whyUnmet(name: string): Promise<string | null> {
    const end = this.#ends.get(name)
    return end !== undefined && !isLive(end) ? `it is ${end.verdict}: ${end.reason}` : this.#whyOut(name)
  }

  /** What others depend on is never maintained while one of them is out: the verdict it has then. */
  async clientOut(host: HostConfig): Promise<HostEnd | null> {
    const parallel = pLimit(host.rollout.parallel)
    const clients = this.#input.clients.get(host.name) ?? []
    const found = await Promise.all(clients.map((name) => parallel(() => this.#whyOut(name))))
    const at = found.findIndex((why) => why !== null)
    const out = clients[at]
    if (out === undefined) return null
    const rule = { name: 'serves', value: out, line: host.line }
    return ended('untouched', `${out} depends on this host and counts as out of service: ${found[at]}`, rule)
  }

  /** Some of these go through it. */
  serves(host: HostConfig, names: readonly string[]): boolean {
    return this.#input.clients.get(host.name)?.some((client) => names.includes(client)) === true
  }

  /**
   * Why a host counts as out of service, or null. One that nobody has looked at, as its turn is yet to come, its group was
   * turned away or nobody selected it, is looked at.
   */
  async #whyOut(name: string): Promise<string | null> {
    const known = this.#ends.get(name)?.out
    if (known !== undefined) return known
    const host = this.#input.hosts.get(name) ?? this.#input.others.get(name)
    if (host === undefined) return null
    await using run = new HostRun(host, this.#io)
    await run.scout()
    return run.out ?? null
  }
}
