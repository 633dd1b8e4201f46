import type { MaintenanceFile } from '../config/schema'
import { STAGES, type StageName } from '../plan/step'
import type { HostRecord } from '../report/host-record'
import type { RunRecord } from '../report/run-record'
import { disclosedOf } from './disclosed'
import { currentStage } from './stage-now'
import type { ActiveRun } from './state'

/** The run that is going on, as a visitor sees it; null: none that has begun work on a host. */
export function activeRun(file: MaintenanceFile, record: RunRecord, now: Date): ActiveRun | null {
  if (record.end !== null || record.startedAt === null || record.lastAt === null) return null
  const hosts = [...record.hosts.values()]
  if (!hosts.some((host) => host.stages.size > 0)) return null
  const shown = disclosedOf(file)
  const at = hosts.filter((host) => host.end === null && host.stages.size > 0)
  const components = (at.length > 0 ? at : hosts).map((host) => shown.componentOf(host.facts.group))
  return {
    run: record.id,
    startedAt: record.startedAt,
    // Whoever makes this state is alive, also where a long step tells nothing.
    seenAt: now.toISOString(),
    stage: earliestStage(at),
    components: [...new Set(components)].slice(0, 20),
    hosts: shown.counts ? hosts.length : null,
    done: shown.counts ? hosts.filter((host) => host.end !== null).length : null,
  }
}

/** Of hosts that users may miss; where there is none of those, of all that are worked on. */
function earliestStage(hosts: readonly HostRecord[]): StageName | null {
  const admitted = hosts.filter((host) => host.admitted)
  const stages = (admitted.length > 0 ? admitted : hosts).map(currentStage)
  return STAGES.find((stage) => stages.includes(stage)) ?? null
}
