import pLimit from 'p-limit'
import type { GroupConfig, HostConfig } from '../config/schema'
import type { Rule } from '../stages/stage'
import { Budget } from './budget'
import { whyStopped } from './canary'
import { pause } from './clock'
import { Dependencies, type DependencyInput, type FleetEnd, type FleetEnds } from './dependencies'
import type { EngineIo } from './engine-io'
import type { FailureLimit } from './failure-limit'
import { ended, type HostEnd } from './host-end'
import { HostRun } from './host-run'
import { brokenSince } from './look-back'
import { OtherRuns } from './other-runs'
import { type Wave, wavesOf } from './waves'

/** Whether a host may be admitted now; asked again before each admission, as time passes. */
export type Admission =
  | { readonly open: true }
  | { readonly open: false; readonly reason: string; readonly rule: Rule | null }

export interface FleetInput extends DependencyInput {
  /** In the order of `needs`. */
  readonly groups: readonly GroupConfig[]
  /** After how many failures in any of the groups nobody else of the run is admitted; null: only each group's own limit counts. */
  readonly failures: FailureLimit | null
  /** They use the budget of their group, too. */
  readonly others: ReadonlyMap<string, HostConfig>
  /** @param usualMs 95th percentile of how long the maintenances of this host took; null: not known */
  readonly admission: (host: HostConfig, usualMs: number | null) => Admission
}

export type { FleetEnds } from './dependencies'

/** Groups one after the other, each in waves. Whatever happens, every host of `hosts` has a verdict in the end. */
export async function runFleet(input: FleetInput, io: EngineIo): Promise<FleetEnds> {
  const fleet = new Fleet(input, io)
  for (const group of input.groups) await fleet.runGroup(group)
  return fleet.ends
}

type Runs = ReadonlyMap<string, HostRun>

class Fleet {
  readonly #input: FleetInput
  readonly #io: EngineIo
  readonly #dependencies: Dependencies
  readonly ends = new Map<string, FleetEnd>()
  /** Once go-live failed somewhere nothing further is admitted (design 4.2). */
  #closed: string | null = null
  /** Of the group that is at work. */
  #elsewhere: OtherRuns | null = null

  constructor(input: FleetInput, io: EngineIo) {
    this.#input = input
    this.#io = io
    this.#dependencies = new Dependencies(input, io, this.ends)
  }

  async runGroup(group: GroupConfig): Promise<void> {
    const hosts = group.hosts.flatMap((name) => this.#input.hosts.get(name) ?? [])
    const missing = await this.#dependencies.unmetNeed(group)
    if (missing !== null) {
      for (const host of hosts)
        this.#dismiss(
          host,
          ended(
            'untouched',
            `its group needs ${missing.group}, of which ${missing.host} is not live and well: ${missing.why}`,
            {
              name: `groups.${group.name}.needs`,
              value: missing.group,
              line: group.line,
            },
          ),
        )
      return
    }
    const budget = new Budget(group, group.hosts.length, hosts[0]?.lines ?? {})
    const runs = new Map(hosts.map((host) => [host.name, new HostRun(host, this.#io)]))
    const others = group.hosts
      .flatMap((name) => (runs.has(name) ? [] : (this.#input.others.get(name) ?? [])))
      .map((host) => new HostRun(host, this.#io))
    this.#elsewhere = new OtherRuns([...runs.values(), ...others], budget, group.rollout.parallel)
    try {
      await this.#scout(group, runs, others, budget)
      const rest = hosts.filter((host) => runs.get(host.name)?.end === null)
      await this.#runWaves(group, wavesOf(group, rest), runs, budget)
    } finally {
      await Promise.all([...runs.values(), ...others].map((run) => run[Symbol.asyncDispose]()))
    }
  }

  async #runWaves(group: GroupConfig, waves: readonly Wave[], runs: Runs, budget: Budget): Promise<void> {
    for (const [i, wave] of waves.entries()) {
      await this.#runWave(group, wave, runs, budget)
      const worked = wave.hosts.some((h) => this.ends.get(h.name)?.admitted)
      if (i === waves.length - 1 || !worked || budget.closed !== null || this.#closed !== null) continue
      await pause(this.#io.clock, wave.isCanary ? group.rollout.canary_soak : group.rollout.soak, this.#io.signal)
      const own = wave.hosts.flatMap(({ name }) => runs.get(name) ?? [])
      for (const { run, doubt } of await brokenSince(own, this.#io, group.rollout.parallel)) {
        this.#note(run, budget)
        if (wave.isCanary) budget.close(`the canary ${run.host.name} is not well any more: ${doubt}`)
      }
    }
  }

  /**
   * Before anyone of a group is admitted: who is out already? Hosts that nobody selected count too, for their users do.
   * What an earlier run left on a selected host is settled now, and such a host is not maintained before the others.
   */
  async #scout(group: GroupConfig, runs: Runs, others: readonly HostRun[], budget: Budget): Promise<void> {
    if (group.hosts.length <= 1) return
    const parallel = pLimit(group.rollout.parallel)
    await Promise.all([
      ...others.map((run) => parallel(() => this.#scoutOther(run, budget))),
      ...[...runs.values()].map((run) => parallel(() => this.#scoutOne(run, budget))),
    ])
  }

  async #scoutOther(run: HostRun, budget: Budget): Promise<void> {
    const found = await run.scout()
    this.#elsewhere?.note(run.host.name, found === 'leased')
    if (found !== 'calm') budget.found(run.host.name, run.out ?? found)
  }

  async #scoutOne(run: HostRun, budget: Budget): Promise<void> {
    if (this.#io.signal.aborted) return
    const found = await run.scout()
    this.#elsewhere?.note(run.host.name, found === 'leased')
    if (found === 'calm') return
    budget.found(run.host.name, run.out ?? found)
    if (found === 'left') await this.#prepared(run, budget)
  }

  /** What its own turn has shown counts from now on, whatever the first look feared. */
  async #prepared(run: HostRun, budget: Budget): Promise<void> {
    await run.prepare()
    // Its checks were not come to, or an earlier run's drain was undone since anybody looked.
    // With `broken: continue` a look of monitor that failed may be noise.
    const isUnsure = run.end === null ? run.out != null : run.end.verdict === 'untouched' && !run.end.isOut
    if (isUnsure && !this.#io.signal.aborted) await run.lookAtWellBeing()
    if (run.out == null) budget.free(run.host.name)
    else if (run.end === null) budget.found(run.host.name, run.out)
    this.#note(run, budget)
  }

  async #runWave(group: GroupConfig, wave: Wave, runs: Runs, budget: Budget): Promise<void> {
    const { tell } = this.#io
    const names = wave.hosts.map((h) => h.name)
    // After a cancel no wave begins: its hosts only get their verdicts.
    const begins = !this.#io.signal.aborted
    if (begins) tell({ type: 'wave.begun', group: group.name, wave: wave.number, hosts: names }, null)
    const own = wave.hosts.flatMap((host) => runs.get(host.name) ?? [])
    const parallel = pLimit(group.rollout.parallel)
    // All of them before the first is taken away: what takes over for it would be part of their baselines, and gone later.
    await Promise.all(own.map((run) => parallel(() => this.#prepare(run, budget))))
    const ready = own.filter((run) => run.end === null)
    const abreast = pLimit(Math.max(1, Math.min(wave.batch, budget.maxUnavailable)))
    const isServing = ({ host }: HostRun) => this.#dependencies.serves(host, names)
    const clients = ready.filter((run) => !isServing(run))
    await Promise.all(clients.map((run) => abreast(() => this.#maintain(run, budget))))
    // What others of the wave depend on has its turn once they have had theirs, and by itself.
    for (const run of ready.filter(isServing)) await this.#maintain(run, budget)
    const stopped = whyStopped(wave, this.ends)
    if (stopped !== null) budget.close(stopped)
    // Where hosts are enough for another run to use up the places, who was given back is looked at again.
    await Promise.all(own.map((run) => (budget.isShared ? run.giveBack() : run[Symbol.asyncDispose]())))
    if (begins) tell({ type: 'wave.ended', group: group.name, wave: wave.number, hosts: names }, null)
  }

  async #prepare(run: HostRun, budget: Budget): Promise<void> {
    if (run.isPrepared) return
    const barred = this.#barred(budget)
    if (barred !== null) {
      this.#end(run, barred)
      return
    }
    await this.#prepared(run, budget)
  }

  /** Takes a place for it, for which it waits while others of this run are at work; its verdict where it may not have one. */
  async #placed(run: HostRun, budget: Budget): Promise<HostEnd | null> {
    for (;;) {
      const refused = (await this.#refused(run, budget)) ?? budget.take(run.host.name)
      if (refused?.rule?.name !== 'rollout.max_unavailable' || !budget.isBusy) return refused
      await budget.turn()
    }
  }

  async #maintain(run: HostRun, budget: Budget): Promise<void> {
    const refused = await this.#placed(run, budget)
    if (refused !== null) {
      this.#end(run, refused)
      return
    }
    const end = await run.maintain()
    // Its drain was undone: what started again has to serve.
    if (end.verdict === 'untouched' && !end.isOut && !this.#io.signal.aborted) await run.lookAtWellBeing()
    budget.free(run.host.name)
    this.#note(run, budget)
    if (end.closesRun) this.#closed = `go-live of ${run.host.name} failed`
  }

  /** Why a host is not admitted, its place in the budget aside. Other hosts are looked at for it, which may take a while. */
  async #refused(run: HostRun, budget: Budget): Promise<HostEnd | null> {
    const now = () => this.#barred(budget) ?? this.#outside(run)
    const before = now()
    if (before !== null) return before
    const clientOut = await this.#dependencies.clientOut(run.host)
    if (clientOut !== null) return clientOut
    if (!budget.isShared) return null
    await this.#elsewhere?.look()
    // Meanwhile the window may have shut, or go-live of another host failed.
    return now()
  }

  #outside(run: HostRun): HostEnd | null {
    const admission = this.#input.admission(run.host, run.usualMs)
    return admission.open ? null : ended('untouched', admission.reason, admission.rule)
  }

  #barred(budget: Budget): HostEnd | null {
    if (this.#io.signal.aborted) return ended('untouched', 'cancelled before it was admitted')
    if (this.#closed !== null) return ended('untouched', `nothing further is admitted: ${this.#closed}`)
    const closed = budget.closed ?? this.#input.failures?.closed ?? null
    return closed === null ? null : ended('untouched', `not admitted: ${closed.reason}`, closed.rule)
  }

  #end(run: HostRun, end: HostEnd): void {
    run.dismiss(end)
    this.ends.set(run.host.name, { ...end, admitted: false, out: run.out })
  }

  #dismiss(host: HostConfig, end: HostEnd): void {
    this.ends.set(host.name, { ...end, admitted: false, out: undefined })
    const { verdict, reason, rule } = end
    const nextDue = this.#io.nextDue(host)?.toISOString() ?? null
    this.#io.tell(
      { type: 'host.ended', verdict, reason, rule, lastMaintained: null, nextDue, overrun: false },
      host.name,
    )
  }

  #note(run: HostRun, budget: Budget): void {
    if (run.end === null) return
    this.ends.set(run.host.name, { ...run.end, admitted: run.isAdmitted, out: run.out })
    budget.note(run.host.name, run.end, run.isAdmitted, run.out)
    this.#input.failures?.note(run.host.name, run.end, run.isAdmitted)
  }
}
