import type { HostState } from '../../host/state'
import { undrainCommand } from '../../show/own-command'
import type { TrafficNow } from './traffic-now'

/** A run holds the host, or it does not and something that one began still works there; null: neither. */
type Work = 'run' | 'left' | null

/** What a person does next, as one line; null: nothing is to be done. */
export function nextCommand(host: string, state: HostState, traffic: TrafficNow, work: Work): string | null {
  if (work === 'run') return 'a run is at work on it: wait for its end'
  const recover = `node dist/cli.js recover --hosts ${host}`
  if (work === 'left') return `no run waits for what still works there: \`${recover}\` does, and goes on after it`
  if (state.phase === 'held')
    return `repair it, then \`${recover}\` verifies it again and lets its users back if the gate opens. By hand: \`${undrainCommand(host)}\` does the same now; without --undrain the hold is cleared, and its traffic is not touched`
  if (state.touched || state.drained || state.phase === 'drain')
    return `\`${recover}\` finishes or undoes what the run left`
  return traffic.state === 'out'
    ? `it is out, and no run holds it: \`${undrainCommand(host)}\` verifies it and lets its users back`
    : null
}
