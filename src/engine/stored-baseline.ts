import { releaseCommand } from '../show/own-command'
import { hold } from './finish'
import type { HostContext } from './host-context'
import type { HostEnd } from './host-end'

/**
 * Takes up the baseline from before an earlier run changed the host. Where it was to be compared with and cannot be read the
 * host is held: without it nobody sees what the change took away, neither as it is nor after a rollback.
 */
export async function takeStoredBaseline(x: HostContext): Promise<HostEnd | null> {
  x.known.baseline = await x.machine.readBaseline(x.signal)
  const { compare, security } = x.host.stages.verify
  if (x.known.baseline !== undefined || (!compare && !security)) return null
  return hold(
    x,
    `the baseline from before the change (${x.machine.stateDir}/baseline.json) cannot be read, so nothing can be compared with it: look at the host, then run \`${releaseCommand(x.host.name)}\``,
  )
}
