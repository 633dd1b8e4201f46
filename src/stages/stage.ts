import type { CheckResult } from '../checks/check'
import type { HostConfig } from '../config/schema'
import type { Fact, Facts } from '../facts/fact'
import type { HostState } from '../host/state'
import type { StageName, Step, StepResult } from '../plan/step'

/** Everything a stage may decide from. Nothing else: no clock, no network, no environment. */
export interface StageInput {
  /** The host's part of the maintenance file: its stages with the group's laid over. */
  readonly host: HostConfig
  readonly facts: Facts
  readonly state: HostState
  /** What `monitor` saw before anything changed (this run's, or the stored one). */
  readonly baseline: Facts | undefined
  /** Results of the steps of every stage so far, by `<stage>/<step id>`. */
  readonly results: ReadonlyMap<string, StepResult>
  /** Rights of the session on the host: `none` means steps that need root are refused. */
  readonly rights: 'root' | 'none'
  readonly run: { readonly id: string; readonly mode: 'run' | 'plan' | 'verify' | 'recover'; readonly now: Date }
  /** Its users are on it: nothing disruptive was pending when that was decided, so nothing disruptive may be done. */
  readonly inView?: true
  /** `<state_dir>/runs/<run>` on the host: the run's own folder; nothing else ever cleans it. */
  readonly runDir: string
}

export interface Finding {
  readonly what: string
  readonly severity: 'info' | 'warn' | 'block'
  readonly advice: string
  /** ISO 8601: it stood in the same words when the host was last maintained, and was first told then; left out: it is new. */
  readonly since?: string
}

export interface PackageChange {
  readonly name: string
  readonly from: string | null
  readonly to: string | null
  readonly security: boolean
}

/** The rule behind a refusal, skip or hold: its name, the value met, the line of the maintenance file (promise 8). */
export interface Rule {
  readonly name: string
  readonly value: string
  readonly line: number | null
}

export type Observation =
  | ({ readonly kind: 'finding' } & Finding)
  | { readonly kind: 'packages'; readonly changes: readonly PackageChange[] }
  | { readonly kind: 'pending'; readonly changes: readonly PackageChange[] }
  | { readonly kind: 'backup'; readonly id: string; readonly proved: boolean; readonly restoreWith: string }
  | { readonly kind: 'reboot'; readonly needed: 'yes' | 'no' | 'unknown'; readonly why: string }
  | { readonly kind: 'check'; readonly when: 'monitor' | 'verify' | 'golive'; readonly check: CheckResult }

export interface PhasePlan {
  readonly steps: readonly Step[]
  readonly notes?: readonly Observation[]
  /** The stage ends here as failed, before any step of this phase: one sentence, and the rule behind it. */
  readonly stop?: { readonly reason: string; readonly rule?: Rule }
}

/** A part of a stage that is planned from what is known when its turn comes. `facts` are read fresh before it. */
export interface Phase {
  readonly name: string
  /** A reboot is likely to follow: the fresh login that has to work before one is tried while the facts are read. */
  readonly triesLogin?: (x: StageInput) => boolean
  readonly facts?: (x: StageInput) => readonly Fact<unknown>[]
  readonly plan: (x: StageInput) => PhasePlan
}

export interface Stage {
  readonly name: StageName
  readonly phases: readonly Phase[]
}
