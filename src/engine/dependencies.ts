import pLimit from 'p-limit'
import type { GroupConfig, HostConfig } from '../config/schema'
import type { EngineIo } from './engine-io'
import { ended, type HostEnd } from './host-end'
import { HostRun } from './host-run'
import type { Scouted } from './scouted'

export interface DependencyInput {
  readonly groups: readonly GroupConfig[]
  /** Selected hosts that are not skipped. */
  readonly hosts: ReadonlyMap<string, HostConfig>
  /** Targets of the file that are not selected, without those under `skip`. */
  readonly others: ReadonlyMap<string, HostConfig>
  /** Hosts of the file that serve others: host or helper name → hosts whose traffic or connection goes through it. */
  readonly clients: ReadonlyMap<string, readonly string[]>
}

type Ends = ReadonlyMap<string, HostEnd & { readonly admitted: boolean }>

/** What groups need of one another, and hosts of those that serve them (design 4.2). Looks, and takes nothing. */
export class Dependencies {
  readonly #input: DependencyInput
  readonly #io: EngineIo
  /** The verdicts of this run, as far as it is. */
  readonly #ends: Ends

  constructor(input: DependencyInput, io: EngineIo, ends: Ends) {
    this.#input = input
    this.#io = io
    this.#ends = ends
  }

  /** All selected hosts of a needed group must be live; those that were not selected count as live unless a run left one. */
  async unmetNeed(group: GroupConfig): Promise<string | null> {
    for (const need of group.needs) {
      const names = this.#input.groups.find((g) => g.name === need)?.hosts ?? []
      const known = names.flatMap((n) => this.#ends.get(n) ?? [])
      if (known.some((e) => e.verdict !== 'live')) return need
      const parallel = pLimit(group.rollout.parallel)
      const others = names.flatMap((n) => this.#input.others.get(n) ?? [])
      const found = await Promise.all(others.map((host) => parallel(() => this.#look(host))))
      if (found.includes('left')) return need
    }
    return null
  }

  /** What others depend on is never maintained while one of them is out: the verdict it has then. */
  async clientOut(host: HostConfig): Promise<HostEnd | null> {
    const parallel = pLimit(host.rollout.parallel)
    const clients = this.#input.clients.get(host.name) ?? []
    const found = await Promise.all(clients.map((name) => parallel(() => this.#isOut(name))))
    const out = clients[found.indexOf(true)]
    if (out === undefined) return null
    const rule = { name: 'serves', value: out, line: host.line }
    return ended('untouched', `${out} depends on this host and is out of service`, rule)
  }

  /** Some of these go through it. */
  serves(host: HostConfig, names: readonly string[]): boolean {
    return this.#input.clients.get(host.name)?.some((client) => names.includes(client)) === true
  }

  /** By its verdict; a host that has none, as its turn is yet to come or nobody selected it, is looked at. */
  async #isOut(name: string): Promise<boolean> {
    const end = this.#ends.get(name)
    if (end !== undefined) return end.verdict === 'held' || (end.verdict === 'unreachable' && end.admitted)
    const host = this.#input.hosts.get(name) ?? this.#input.others.get(name)
    const found = host === undefined ? 'calm' : await this.#look(host)
    return found === 'left' || found === 'leased'
  }

  async #look(host: HostConfig): Promise<Scouted> {
    await using run = new HostRun(host, this.#io)
    return run.glance()
  }
}
