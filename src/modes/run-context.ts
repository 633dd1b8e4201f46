import type { Inputs } from '../action/inputs'
import type { Contact } from '../action/mode'
import type { HostConfig, MaintenanceFile } from '../config/schema'
import type { Tick } from '../config/ticks'
import { isSkipped } from '../config/zone'
import type { EngineIo } from '../engine/engine-io'
import type { Machines } from '../engine/io'
import { wavesOf } from '../engine/waves'
import type { HostFacts } from '../journal/event'
import type { Journal } from '../journal/journal'
import { isolationOf } from '../traffic/kinds'

/** What every mode works from: the file, the chosen hosts, the machines, and where facts are told. */
export interface RunContext {
  readonly file: MaintenanceFile
  /** In the order of the file, skipped ones included. */
  readonly selected: readonly HostConfig[]
  readonly inputs: Inputs
  readonly contact: Contact
  /** Why a host cannot be logged in to, known before anybody tries. */
  readonly closedTo: (host: HostConfig) => string | null
  /** When the workflow starts by itself. */
  readonly ticks: readonly Tick[]
  /** Why a secret of the file cannot be had by its name; null: it can. */
  readonly noSecret: (name: string) => string | null
  /** The GitHub event; null: the command line. */
  readonly event: string | null
  readonly journal: Journal
  readonly machines: Machines
  readonly io: EngineIo
}

/** Selected hosts that are not under `skip`. */
export function dueHosts(x: Pick<RunContext, 'selected'>, now: Date): ReadonlyMap<string, HostConfig> {
  return new Map(x.selected.filter((h) => !isSkipped(h.skip, h.window, now)).map((h) => [h.name, h]))
}

/** The hosts as a report lists them, each with the wave it would be in. */
export function hostFacts(file: MaintenanceFile, selected: readonly HostConfig[], now: Date): readonly HostFacts[] {
  const due = dueHosts({ selected }, now)
  const waves = new Map<string, number>()
  for (const group of file.groups.values()) {
    const hosts = group.hosts.flatMap((name) => due.get(name) ?? [])
    for (const wave of wavesOf(group, hosts)) for (const host of wave.hosts) waves.set(host.name, wave.number)
  }
  return selected.map((h) => ({
    name: h.name,
    address: h.address,
    group: h.group,
    line: h.line,
    wave: waves.get(h.name) ?? null,
    isolation: isolationOf(h),
  }))
}

/** Hosts under `skip` are untouched and count for no verdict. */
export function tellSkipped(x: RunContext): void {
  const now = x.io.clock.now()
  for (const host of x.selected.filter((h) => isSkipped(h.skip, h.window, now))) {
    const { until, reason } = host.skip ?? { until: null, reason: '' }
    x.journal.append(
      {
        type: 'host.ended',
        verdict: 'untouched',
        reason: `skipped${until === null ? '' : ` until ${until}`}: ${reason}`,
        rule: { name: 'skip', value: until ?? reason, line: host.line },
        lastMaintained: null,
        nextDue: null,
        overrun: false,
      },
      host.name,
    )
  }
}
