import type { HostConfig } from '../../config/schema'
import type { EngineIo } from '../../engine/engine-io'
import type { Machine } from '../../host/machine'
import type { PlannedStop } from '../../plan/plan'
import type { Place } from '../../plan/step'

/** What a plan looks with. It changes nothing, and runs no command of the file but the states of traffic (promise 9). */
export interface Sight {
  readonly io: EngineIo
  /** A helper or the runner, logged in to once for the whole plan. @throws MaintenanceError where it cannot be had */
  readonly place: (place: Place) => Promise<Machine>
  /** Whether state commands may be run: a schedule, a dispatch or the command line started the plan. */
  readonly readsTraffic: boolean
  readonly hasSudoPassword: boolean
  /** Something a reviewer should know that holds for several machines alike. */
  readonly mind: (sentence: string, of: string) => void
  /** Secrets of the file that a run with these inputs could not have, as it would say it of this host. */
  readonly missingSecrets: (host: HostConfig) => readonly PlannedStop[]
}

/** What a look at one matter found: what would stop the host, and what else is to be said. */
export interface Found {
  readonly stops: readonly PlannedStop[]
  readonly notes: readonly string[]
}

export const NOTHING_FOUND: Found = { stops: [], notes: [] }
