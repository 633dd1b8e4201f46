import { releaseCommand } from '../show/own-command'
import { isolationOf } from '../traffic/kinds'
import { hold } from './finish'
import type { HostContext } from './host-context'
import { ended, type HostEnd, stuck } from './host-end'
import { redrain } from './redrain'
import { answers } from './silence'
import { readTraffic } from './traffic-read'

/**
 * Before the host of an earlier run is verified: verify starts its services, and only the gate lets users back to them
 * (promise 1). Its record says that it is drained, but a balancer may have forgotten that (H36), or a person put it back.
 * Nobody can tell which; so it is drained again, and told how a person gives it back for good. null: users are away.
 */
export async function keepOut(x: HostContext): Promise<HostEnd | null> {
  if (isolationOf(x.host) !== 'isolated' || !x.machine.state.drained) return null
  const found = (await readTraffic(x)) ?? 'unknown'
  x.tell({ type: 'traffic', state: found, act: 'read' })
  if (found === 'out') return null
  if (x.signal.aborted) return stuck('verify', { t: 'cancelled' })
  const what = found === 'in' ? 'in traffic, not by us' : 'drained by its record, but its traffic reads unknown'
  x.tell({
    type: 'warning',
    sentence: `the host is ${what}: it is drained again before it is verified; \`${releaseCommand(x.host.name)}\` keeps a host as it is`,
  })
  // The state stays: `held` of a host that nothing touched is known by its phase alone.
  const { said, traffic } = await redrain(x, { stage: 'verify', state: {} })
  if (traffic === 'out') return null
  if (x.signal.aborted) return stuck('verify', { t: 'cancelled' })
  if (!(await answers(x, x.signal))) return ended('unreachable', `before verify: the host does not answer; ${said}`)
  return hold(x, `not verified, as users may be on it: traffic reads ${traffic ?? 'unknown'}; ${said}`)
}
