import pLimit from 'p-limit'
import type { GroupConfig, HostConfig } from '../config/schema'
import { Budget } from './budget'
import { pause } from './clock'
import { ended, type HostEnd } from './host-end'
import { type EngineIo, HostRun } from './host-run'
import { type Wave, wavesOf } from './waves'
import type { Rule } from '../stages/stage'

/** Whether a host may be admitted now; asked again before each admission, as time passes. */
export type Admission = { readonly open: true } | { readonly open: false; readonly reason: string; readonly rule: Rule | null }

export interface FleetInput {
  /** In the order of `needs`. */
  readonly groups: readonly GroupConfig[]
  /** Selected hosts that are not skipped. */
  readonly hosts: ReadonlyMap<string, HostConfig>
  readonly admission: (host: HostConfig) => Admission
  /** Hosts of the file that serve others: host or helper name → hosts whose traffic or connection goes through it. */
  readonly clients: ReadonlyMap<string, readonly string[]>
}

export type FleetEnds = ReadonlyMap<string, HostEnd & { readonly admitted: boolean }>

/** Groups one after the other, each in waves. Whatever happens, every host of `hosts` has a verdict in the end. */
export async function runFleet(input: FleetInput, io: EngineIo): Promise<FleetEnds> {
  const fleet = new Fleet(input, io)
  for (const group of input.groups) await fleet.runGroup(group)
  return fleet.ends
}

class Fleet {
  readonly #input: FleetInput
  readonly #io: EngineIo
  readonly ends = new Map<string, HostEnd & { admitted: boolean }>()
  /** Once go-live failed somewhere nothing further is admitted (design 4.2). */
  #closed: string | null = null

  constructor(input: FleetInput, io: EngineIo) {
    this.#input = input
    this.#io = io
  }

  async runGroup(group: GroupConfig): Promise<void> {
    const hosts = group.hosts.flatMap((name) => this.#input.hosts.get(name) ?? [])
    const missing = this.#unmetNeed(group)
    if (missing !== null) {
      for (const host of hosts) this.#dismiss(host, ended('untouched', `its group needs ${missing}, which is not all live`, { name: `groups.${group.name}.needs`, value: missing, line: group.line }))
      return
    }
    const budget = new Budget(group, group.hosts.length)
    const waves = wavesOf(group, hosts)
    for (const [i, wave] of waves.entries()) {
      await this.#runWave(group, wave, budget)
      const isLast = i === waves.length - 1
      if (!isLast && budget.closed === null && this.#closed === null && wave.hosts.some((h) => this.ends.get(h.name)?.admitted)) {
        const soakMs = wave.number === 0 && group.rollout.canary > 0 ? group.rollout.canary_soak : group.rollout.soak
        await pause(this.#io.clock, soakMs, this.#io.signal)
      }
    }
  }

  /** A needed group counts as live unless one of its selected hosts is not. */
  #unmetNeed(group: GroupConfig): string | null {
    for (const need of group.needs) {
      const names = this.#input.groups.find((g) => g.name === need)?.hosts ?? []
      const ended = names.flatMap((n) => this.ends.get(n) ?? [])
      if (ended.some((e) => e.verdict !== 'live')) return need
    }
    return null
  }

  async #runWave(group: GroupConfig, wave: Wave, budget: Budget): Promise<void> {
    const { tell } = this.#io
    const names = wave.hosts.map((h) => h.name)
    tell({ type: 'wave.begun', group: group.name, wave: wave.number, hosts: names }, null)
    const runs = wave.hosts.map((host) => new HostRun(host, this.#io))
    try {
      const parallel = pLimit(group.rollout.parallel)
      await Promise.all(runs.map((run) => parallel(() => this.#prepare(run, budget))))
      const ready = runs.filter((run) => run.end === null)
      const abreast = pLimit(Math.max(1, Math.min(wave.batch, budget.maxUnavailable)))
      await Promise.all(ready.map((run) => abreast(() => this.#maintain(run, wave, budget))))
    } finally {
      await Promise.all(runs.map((run) => run[Symbol.asyncDispose]()))
      tell({ type: 'wave.ended', group: group.name, wave: wave.number, hosts: names }, null)
    }
  }

  async #prepare(run: HostRun, budget: Budget): Promise<void> {
    const barred = this.#barred(budget)
    if (barred !== null) return this.#end(run, barred)
    await run.prepare()
    this.#note(run, budget)
  }

  async #maintain(run: HostRun, wave: Wave, budget: Budget): Promise<void> {
    const barred = this.#barred(budget) ?? this.#serving(run.host) ?? this.#outside(run.host)
    if (barred !== null) return this.#end(run, barred)
    const place = budget.take(run.host.name)
    if (place !== null) return this.#end(run, place)
    await run.maintain()
    budget.free(run.host.name)
    this.#note(run, budget)
    if (run.end?.closesRun) this.#closed = `go-live of ${run.host.name} failed`
    const failed = run.end !== null && run.end.verdict !== 'live' && run.isAdmitted && run.end.verdict !== 'untouched'
    if (failed && wave.isCanary) budget.close(`the canary ${run.host.name} is ${run.end?.verdict}`)
  }

  #outside(host: HostConfig): HostEnd | null {
    const admission = this.#input.admission(host)
    return admission.open ? null : ended('untouched', admission.reason, admission.rule)
  }

  #barred(budget: Budget): HostEnd | null {
    if (this.#io.signal.aborted) return ended('untouched', 'cancelled before it was admitted')
    if (this.#closed !== null) return ended('untouched', `nothing further is admitted: ${this.#closed}`)
    return budget.closed === null ? null : ended('untouched', `not admitted: ${budget.closed.reason}`, budget.closed.rule)
  }

  /** What others depend on is never maintained while one of them is out. */
  #serving(host: HostConfig): HostEnd | null {
    const out = (this.#input.clients.get(host.name) ?? []).find((client) => {
      const end = this.ends.get(client)
      return end !== undefined && (end.verdict === 'held' || (end.verdict === 'unreachable' && end.admitted))
    })
    return out === undefined ? null : ended('untouched', `${out} depends on this host and is out of service`, { name: 'serves', value: out, line: host.line })
  }

  #end(run: HostRun, end: HostEnd): void {
    run.dismiss(end)
    this.ends.set(run.host.name, { ...end, admitted: false })
  }

  #dismiss(host: HostConfig, end: HostEnd): void {
    this.ends.set(host.name, { ...end, admitted: false })
    const { verdict, reason, rule } = end
    this.#io.tell({ type: 'host.ended', verdict, reason, rule, lastMaintained: null, nextDue: null, overrun: false }, host.name)
  }

  #note(run: HostRun, budget: Budget): void {
    if (run.end === null) return
    this.ends.set(run.host.name, { ...run.end, admitted: run.isAdmitted })
    budget.note(run.host.name, run.end, run.isAdmitted)
  }
}
