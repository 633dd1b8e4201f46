import type { HostContext } from '../../engine/host-context'
import { readFacts } from '../../facts/read'
import { missingWaitUnit } from '../../services/quiet'
import { serviceUnits } from '../../services/service-units'
import { declaredServices, servicesRule } from '../../services/systemd'
import { ruleAt } from '../../stages/rule'
import type { StageInput } from '../../stages/stage'
import { type Found, NOTHING_FOUND } from './sight'

/** Units that the file names are looked for also where nothing is pending today: one day something will be. */
export async function findServices(x: HostContext, input: () => StageInput): Promise<Found> {
  const { services, wait_for } = x.host.stages.drain
  if (services.length === 0 && wait_for.length === 0) return NOTHING_FOUND
  const read = await readFacts(x.machine, [serviceUnits(x.host)], x.signal, x.clock)
  x.known.facts = x.known.facts.with(read)
  const declared = declaredServices(input())
  const unit = missingWaitUnit(input())
  const stops = [
    ...(declared.ok ? [] : [{ reason: declared.why, rule: servicesRule(input()) }]),
    ...(unit === null
      ? []
      : [
          {
            reason: `drain.wait_for names ${unit}, which does not exist on this host`,
            rule: ruleAt(x.host, 'stages.drain.wait_for', unit),
          },
        ]),
  ]
  return { stops: stops.map((stop) => ({ stage: 'drain', ...stop })), notes: [] }
}
