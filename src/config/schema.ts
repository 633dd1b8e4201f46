import type { Place } from '../errors'
import type { AnnounceConfig } from './announce'
import type { Rollout, StagesConfig } from './stages'
import type { FailureCount } from './values'

/** A script beside the maintenance file: read at load, sent whole, its hash in the plan. */
export interface Script {
  /** As written: `./deploy.sh` */
  readonly path: string
  readonly text: string
  readonly sha256: string
}

export interface Skip {
  /** The last day of the skip, `YYYY-MM-DD`, or null for "until it is taken out". */
  readonly until: string | null
  readonly reason: string
}

/** One machine of the file with everything that applies to it: defaults, ssh, group and stages laid over one another. */
export interface HostConfig {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** Exactly one; `default` where none was written. Empty for helpers, which have none. */
  readonly group: string
  /** false: a helper, reachable, never a target. */
  readonly maintain: boolean
  readonly transport: 'ssh' | 'openssh' | 'local'
  /** Effective value; `becomeDeclared` tells whether the file says so. */
  readonly become: 'sudo' | 'none'
  readonly becomeDeclared: boolean
  /** Whether the file itself says user and port. Left out: it does. */
  readonly loginDeclared?: { readonly user: boolean; readonly port: boolean }
  /** Name of another host of the file. */
  readonly jump: string | null
  /** Pins `SHA256:…`; empty: only known_hosts counts. */
  readonly hostKey: readonly string[]
  /** null: the default for the rights of the session. */
  readonly stateDir: string | null
  readonly skip: Skip | null
  readonly stages: StagesConfig
  readonly rollout: Rollout
  readonly window: readonly WindowConfig[]
  /** Scripts of the file by path as written, for `commandSh`. */
  readonly scripts: ReadonlyMap<string, Script>
  /**
   * Lines of the maintenance file for this host's values, by path: `stages.monitor.limits.disk_used`,
   * `rollout.batch`, `window`. A path that is absent is a default: `host.lines[path] ?? null` is the line of a `Rule`.
   */
  readonly lines: Readonly<Record<string, number>>
  /** The line of the host in the maintenance file; null for a host of the inventory. */
  readonly line: number | null
}

export interface WindowConfig {
  readonly open: string
  readonly durationMs: number
  readonly timezone: string
  readonly startWithinMs: number | null
  readonly cutoffMs: number
  /** Inclusive days in the window's zone, `YYYY-MM-DD`. */
  readonly freeze: readonly { readonly from: string; readonly to: string }[]
  readonly line: number | null
}

export interface GroupConfig {
  readonly name: string
  readonly needs: readonly string[]
  readonly rollout: Rollout
  readonly hosts: readonly string[]
  readonly line: number | null
}

/** A loaded, valid maintenance file. */
export interface MaintenanceFile {
  readonly version: 1
  readonly name: string
  readonly owner: string | null
  /** As given to `config`, for messages; `name` of the ledger. */
  readonly file: string
  /** sha256 over the bytes of the file, before anything was expanded. */
  readonly configHash: string
  readonly hosts: ReadonlyMap<string, HostConfig>
  /** In the order of `needs` (topological, then as written). */
  readonly groups: ReadonlyMap<string, GroupConfig>
  /** By path as written. */
  readonly scripts: ReadonlyMap<string, Script>
  readonly announce: AnnounceConfig
  /** What `rollout.max_failures` of the file itself says, for the whole run; null: it says nothing. */
  readonly maxFailures: FailureCount | null
  /** Names of environment variables the file uses as `${env:NAME}`, each once, sorted. */
  readonly secrets: readonly string[]
  /** Every place where one of them is used, for messages. */
  readonly secretUses: readonly { readonly env: string; readonly at: Place }[]
  /** What was read of the file and is not done, one sentence each; left out: nothing. */
  readonly notes?: readonly string[]
  /** Line of a path such as `stages.update.packages`; null where the value is a default. */
  lineOf(path: string): number | null
}

export type { CheckEntry, Hook, Rollout, StagesConfig } from './stages'
