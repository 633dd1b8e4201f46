import type { HostConfig } from '../config/schema'
import type { Outcome, StageName } from '../plan/step'
import type { Observation, Rule } from '../stages/stage'

export type Mode = 'run' | 'plan' | 'verify' | 'recover' | 'announce' | 'finish'
export type HostVerdict = 'live' | 'rolled-back' | 'held' | 'untouched' | 'unreachable'
export type RunVerdict = 'failed' | 'held' | 'partial' | 'live' | 'refused' | 'planned' | 'announced'
export type RunReason = 'none' | 'too-early' | 'missed' | 'freeze' | 'already-done' | 'file' | 'key' | 'lease' | 'event'
export type Isolation = 'isolated' | 'stopped' | 'exposed'

export interface RunFacts {
  readonly id: string
  readonly mode: Mode
  readonly file: string
  readonly name: string
  readonly owner: string | null
  readonly configHash: string
  readonly planHash: string | null
  readonly url: string | null
  readonly actor: string | null
  readonly overrides: readonly string[]
}

export type HostFacts = Pick<HostConfig, 'name' | 'address' | 'group' | 'line'> & {
  readonly wave: number | null
  readonly isolation: Isolation
}

/** What happened, one fact each. `host` is absent on facts about the run. */
export type EventBody =
  | { readonly type: 'run.begun'; readonly about: RunFacts; readonly hosts: readonly HostFacts[] }
  | {
      readonly type: 'run.ended'
      readonly verdict: RunVerdict
      readonly reason: RunReason
      readonly sentence: string
      /** What of the sentence everybody may read, where that is not all of it. */
      readonly open?: string
    }
  | {
      readonly type: 'wave.begun' | 'wave.ended'
      readonly group: string
      readonly wave: number
      readonly hosts: readonly string[]
    }
  | { readonly type: 'connected'; readonly rights: 'root' | 'none'; readonly reconnect: boolean }
  | { readonly type: 'connection.lost'; readonly why: string }
  | { readonly type: 'lease.taken'; readonly token: number }
  | { readonly type: 'lease.released' | 'lease.lost' }
  | { readonly type: 'settled'; readonly sentence: string }
  | { readonly type: 'admitted' }
  | { readonly type: 'touched' }
  | { readonly type: 'stage.begun'; readonly stage: StageName }
  | {
      readonly type: 'stage.ended'
      readonly stage: StageName
      readonly outcome: Outcome
      readonly reason: string | null
    }
  | {
      readonly type: 'step.begun'
      readonly stage: StageName
      readonly step: string
      readonly title: string
      readonly disruptive: boolean
    }
  | { readonly type: 'step.output'; readonly stage: StageName; readonly step: string; readonly text: string }
  | {
      readonly type: 'step.ended'
      readonly stage: StageName
      readonly step: string
      readonly title: string
      readonly outcome: Outcome
      readonly exitCode: number | null
      readonly durationMs: number
      readonly log: string
    }
  | { readonly type: 'observed'; readonly stage: StageName; readonly what: Observation }
  | { readonly type: 'facts'; readonly when: 'baseline' | 'after'; readonly facts: Record<string, unknown> }
  /** One look, in verify or in the watch of golive. `of`: as many checks were looked at in it; old journals lack it. */
  | {
      readonly type: 'round'
      readonly stage: StageName
      readonly number: number
      readonly failing: readonly string[]
      readonly of?: number
    }
  | { readonly type: 'gate'; readonly open: boolean; readonly reason: string }
  | {
      readonly type: 'traffic'
      readonly state: 'in' | 'out' | 'unknown'
      readonly act: 'drained' | 'undrained' | 'read'
    }
  | { readonly type: 'reboot.ordered'; readonly bootId: string | null }
  | { readonly type: 'reboot.done'; readonly bootIdBefore: string; readonly bootIdAfter: string }
  | {
      readonly type: 'host.ended'
      readonly verdict: HostVerdict
      readonly reason: string
      readonly rule: Rule | null
      readonly lastMaintained: string | null
      readonly nextDue: string | null
      readonly overrun: boolean
    }
  | { readonly type: 'warning'; readonly sentence: string }
  | { readonly type: 'told'; readonly who: string; readonly ok: boolean; readonly why: string | null }

export type Event = EventBody & {
  readonly v: 1
  readonly seq: number
  readonly at: string
  readonly run: string
  readonly host: string | null
}
