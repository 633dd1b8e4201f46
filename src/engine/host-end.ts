import type { HostVerdict } from '../journal/event'
import type { StageName } from '../plan/step'
import type { Rule } from '../stages/stage'
import { describeEnd, type StepsEnd } from './steps-end'

/** What became of one host, with the one sentence that says why (promise 8). */
export interface HostEnd {
  readonly verdict: HostVerdict
  readonly reason: string
  readonly rule: Rule | null
  /** Go-live failed under traffic: nothing further is admitted in this run. */
  readonly closesRun?: true
  /** Something nobody foresaw: the run is `failed`. */
  readonly internal?: true
  /** Nothing was done to it, but its users are, or may be, kept away from it. */
  readonly isOut?: true
  /** Nobody could look at what an earlier run left there. */
  readonly unseen?: true
  /** The host showed a wrong key, or refused ours. */
  readonly key?: true
}

export const ended = (verdict: HostVerdict, reason: string, rule: Rule | null = null): HostEnd => ({
  verdict,
  reason,
  rule,
})

export const ruleOf = (end: StepsEnd): Rule | null => (end.t === 'failed' ? (end.rule ?? null) : null)

/** The verdict of a host whose work can go no further after its admission; the rest is for a person or the next run. */
export function stuck(stage: StageName, end: StepsEnd): HostEnd {
  const why = describeEnd(end)
  if (end.t === 'lost') return ended('unreachable', `in ${stage}: ${why}`)
  if (end.t === 'cancelled') return ended('held', `cancelled in ${stage}`)
  return ended('held', `${stage}: ${why}`, ruleOf(end))
}

/** Nobody can do more from here: the connection, the lease or the run itself is gone, or a package step goes on alone. */
export function isStuck(end: StepsEnd): boolean {
  return end.t === 'lost' || end.t === 'cancelled' || end.t === 'lease-lost' || end.t === 'overtime'
}
