import type { HostFacts } from '../journal/event'
import type { PackageChange, Rule } from '../stages/stage'
import type { StageName } from './step'

export interface PlannedStep {
  readonly stage: StageName
  readonly id: string
  readonly title: string
  readonly place: string
  readonly disruptive: boolean
  readonly changes: boolean
  /** `dead-man`: undone by the host itself if need be. `runner`: only by a run. null: cannot be taken back, or needs no undo. */
  readonly undo: 'dead-man' | 'runner' | null
}

export interface PlannedStop {
  readonly stage: StageName
  readonly reason: string
  readonly rule: Rule | null
}

/** What a run would do on one host, as far as it can be told before its first step. */
export interface PlannedHost extends HostFacts {
  /** false: nothing was asked of the host; `why` says why, `remedy` what to do about it. */
  readonly contacted: boolean
  readonly why: string | null
  readonly remedy: string | null
  /** It was to be asked, and could not be reached. */
  readonly unreachable: boolean
  /** Why the session had no root where the file asks for it: what only root sees is unknown then. null: it had. */
  readonly notAsRoot: string | null
  readonly packages: readonly PackageChange[] | null
  /** Seconds since the package lists of the host were fetched; a plan refreshes nothing. */
  readonly listsAgeSeconds: number | null
  readonly reboot: 'yes' | 'no' | 'unknown' | null
  readonly drain: { readonly needed: boolean; readonly why: string } | null
  readonly steps: readonly PlannedStep[]
  /** What would stop the host, each with its stage and its sentence: a run would not maintain it. */
  readonly stops: readonly PlannedStop[]
  /** What was not looked at, or is worth a word. */
  readonly notes: readonly string[]
  readonly cannotBeUndone: readonly string[]
}

/** plan.json, version 1. */
export interface Plan {
  readonly version: 1
  readonly configHash: string
  readonly madeAt: string
  /** What the window says now. */
  readonly admission: readonly { readonly host: string; readonly open: boolean; readonly sentence: string | null }[]
  /** Things of the contract that are off because this version does not do them. */
  readonly notAvailable: readonly string[]
  readonly warnings: readonly string[]
  readonly hosts: readonly PlannedHost[]
}
