import { LEASE_TTL_S, type LeaseAnswer } from '../host/lease'
import type { Machine } from '../host/machine'
import { type Clock, pause } from './clock'

const LOOK_EVERY_MS = 5_000
/** A little longer than a lease lasts: its time is the host's own, this one ours. */
const LEASE_MS = (LEASE_TTL_S + 30) * 1_000

export interface Waiting {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** How long a living program of an earlier run is waited for. */
  readonly forProgramMs: number
  /** A lease that nobody renews is waited for, until its time is over. */
  readonly forLease: boolean
  readonly say: (sentence: string) => void
}

type Held = Extract<LeaseAnswer, { t: 'held' }>

/** Takes the lease of a machine as soon as it can be had, within what is waited for; otherwise the last refusal. */
export async function waitForLease(machine: Machine, w: Waiting): Promise<LeaseAnswer> {
  const began = w.clock.monotonicMs()
  let before: Held | null = null
  let said = ''
  for (;;) {
    const answer = await machine.takeLease(w.signal)
    const waitedMs = w.clock.monotonicMs() - began
    const isWorth =
      (answer.t === 'alive' && waitedMs < w.forProgramMs) ||
      (answer.t === 'held' && w.forLease && isAgeing(answer, before) && waitedMs < LEASE_MS)
    if (!isWorth || w.signal.aborted) return answer
    if (said !== answer.t) w.say(whyWaiting(answer))
    said = answer.t
    before = answer.t === 'held' ? answer : null
    await pause(w.clock, LOOK_EVERY_MS, w.signal)
  }
}

/** Still the same run, not renewed since the last look. A run that lives renews once a minute, and is left alone. */
function isAgeing(now: Held, before: Held | null): boolean {
  if (now.ageS === null) return false
  return before === null || (now.run === before.run && before.ageS !== null && now.ageS >= before.ageS)
}

function whyWaiting(answer: Extract<LeaseAnswer, { t: 'alive' | 'held' }>): string {
  return answer.t === 'alive'
    ? `a program of an earlier run is still at work (${answer.dir}, pid ${answer.pid ?? 'unknown'}): waiting for its end`
    : `run ${answer.run} holds the lease, renewed ${answer.ageS} s ago: waiting until it is renewed, or over (${LEASE_TTL_S} s)`
}
