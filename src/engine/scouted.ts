import { MaintenanceError, sentenceOf } from '../errors'
import type { LeaseLook } from '../host/lease'
import type { HostState } from '../host/state'
import { pause } from './clock'
import type { HostContext } from './host-context'

/** What a first look found. Anything but `calm` and `left` is out of service, or must be taken to be. */
export type Scouted = Recorded | 'unwell'

/** What can be told without asking for its traffic and its checks. */
export type Recorded = 'calm' | 'left' | 'leased' | 'unreachable'

/** Why such a host counts as out of service. */
export const WHY_OUT: Readonly<Record<Exclude<Recorded, 'calm'>, string>> = {
  left: 'an earlier run has not brought it to its end',
  leased: 'it is in the hands of another run',
  unreachable: 'it cannot be reached',
}

/** It is not out of reach where something else is why it was not connected to. */
export const whyNotOpened = (error: unknown): string =>
  error instanceof MaintenanceError ? sentenceOf(error) : WHY_OUT.unreachable

/** What the record of a host says of it, its traffic aside. */
export function scouted(look: LeaseLook | null): Recorded {
  if (look === null) return 'unreachable'
  if (look.leased) return 'leased'
  return isLeftBehind(look.state) ? 'left' : 'calm'
}

/** An earlier run has not brought it to its end: it is settled before anything else. null: nobody can tell what was left. */
function isLeftBehind(state: HostState | null): boolean {
  return state === null || state.touched || state.drained || state.phase === 'held'
}

const LOOK_MS = 10_000

/** One question over a connection that is there already. A host that is gone is not waited for: it counts as out. */
export async function lookAgain(x: HostContext): Promise<Recorded> {
  const stop = new AbortController()
  void pause(x.clock, LOOK_MS, stop.signal).then(() => stop.abort())
  const look = await x.machine.look(AbortSignal.any([x.signal, stop.signal])).catch(() => null)
  stop.abort()
  return scouted(look)
}
