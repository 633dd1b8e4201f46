import type { LeaseLook } from '../host/lease'
import type { HostState } from '../host/state'

/** What a first look found. Anything but `calm` and `left` is out of service, or must be taken to be. */
export type Scouted = 'calm' | 'left' | 'out' | 'leased' | 'unreachable'

/** What the record of a host says of it, its traffic aside. */
export function scouted(look: LeaseLook | null): Exclude<Scouted, 'out'> {
  if (look === null) return 'unreachable'
  if (look.leased) return 'leased'
  return isLeftBehind(look.state) ? 'left' : 'calm'
}

/** An earlier run has not brought it to its end: it is settled before anything else. null: nobody can tell what was left. */
function isLeftBehind(state: HostState | null): boolean {
  return state === null || state.touched || state.drained || state.phase === 'held'
}
