import type { Facts } from '../facts/fact'
import type { CheckResult } from './check'
import { whyOf } from './run'

export interface JudgeInput {
  /** What `monitor` saw before anything changed; undefined: there is none. */
  readonly baseline: Facts | undefined
  /** The round before this one; undefined in the first. */
  readonly before: Facts | undefined
  readonly now: Facts
}

/** A pure verdict from facts: no network, no clock. */
export interface Judge {
  /** Stands for its checks where it fails to name any: `builtin:boot`. */
  readonly id: string
  /** Its facts are read in the last sweep only, which alone can open the gate. */
  readonly isSweepOnly?: true
  readonly judge: (x: JudgeInput) => readonly CheckResult[]
}

/** A judge that throws says nothing about the host: `unknown`, which shuts the gate. */
export function askJudges(judges: readonly Judge[], x: JudgeInput): readonly CheckResult[] {
  return judges.flatMap((judge) => {
    try {
      return judge.judge(x)
    } catch (error) {
      const kind = judge.id.slice(0, judge.id.indexOf(':'))
      return [{ id: judge.id, kind, outcome: 'unknown', expected: 'a verdict', actual: `no verdict: ${whyOf(error)}` }]
    }
  })
}
