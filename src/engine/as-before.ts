import { readFacts } from '../facts/read'
import { hostLeftovers } from '../services/leftovers'
import { declaredServices, serviceFacts } from '../services/systemd'
import { driversOf } from '../traffic/kinds'
import { type HostContext, stageInput } from './host-context'
import { readTraffic } from './traffic-read'

/**
 * Whether an untouched host reads back as it was before its drain, though an undo failed (design 4.2): every driver can
 * say so and says `in`, nothing of ours is held there, and every declared service is active. Unknown is never yes.
 */
export async function readsAsBefore(x: HostContext): Promise<boolean> {
  const traffic = await readTraffic(x).catch(() => 'unknown' as const)
  if (driversOf(stageInput(x)).some((driver) => driver.state === null)) return false
  if (traffic !== null && traffic !== 'in') return false
  const wantsServices = x.host.stages.drain.services.length > 0
  x.known.facts = x.known.facts.with(
    await readFacts(x.machine, wantsServices ? serviceFacts(stageInput(x)) : [hostLeftovers], x.signal, x.clock),
  )
  const left = x.known.facts.get(hostLeftovers)
  if (!left.ok || left.value.length > 0) return false
  const services = declaredServices(stageInput(x))
  return services.ok && services.value.every((service) => service.unit.active === 'active')
}
