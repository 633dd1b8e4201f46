import { sh } from '../shell/sh'
import { whyExit } from './exit'
import { type Fact, ok, unknown } from './fact'
import { decimal } from './text'

export interface Clock {
  /** What the host takes for the seconds since 1970. */
  readonly epochSeconds: number
  /** How far it is off at least, against the runner: positive is ahead. Null where the time of asking is not known. */
  readonly skewSeconds: number | null
}

/** The clock of the host. Answers between asking and answering are no skew: only what lies outside that span counts (H28). */
export const clock: Fact<Clock> = {
  id: 'clock',
  sh: sh`date +%s`,
  cap: 64,
  parse: (out, rc, asked) => {
    if (rc !== 0) return unknown(whyExit(rc))
    const epochSeconds = decimal(out.trim())
    if (epochSeconds === undefined) return unknown('date answered in an unknown form')
    if (asked === undefined) return ok({ epochSeconds, skewSeconds: null })
    const tooEarly = epochSeconds - Math.floor(asked.fromMs / 1000)
    const tooLate = epochSeconds - Math.ceil(asked.toMs / 1000)
    return ok({ epochSeconds, skewSeconds: tooEarly < 0 ? tooEarly : Math.max(0, tooLate) })
  },
}
