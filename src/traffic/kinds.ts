import type { HostConfig } from '../config/schema'
import type { Isolation } from '../journal/event'
import type { StageInput } from '../stages/stage'
import { command } from './command'
import type { TrafficDriver, TrafficEntry, TrafficKind } from './driver'

/** Every kind of traffic driver of this version. */
const TRAFFIC_KINDS: readonly TrafficKind[] = [command]

/** The drivers of a host, in the order they drain. */
export function driversOf(x: Pick<StageInput, 'host' | 'run'>): readonly TrafficDriver[] {
  return x.host.stages.drain.traffic.map((entry) => {
    for (const kind of TRAFFIC_KINDS) {
      const driver = kind.driver(entry, x)
      if (driver !== null) return driver
    }
    throw new Error(`no traffic driver takes ${Object.keys(entry).join(', ')}`)
  })
}

/**
 * How well a host is kept from its users while it is maintained. `isolated` needs every driver to be able to say `out`:
 * one that cannot leaves a way in that nobody sees.
 */
export function isolationOf(host: HostConfig): Isolation {
  const { traffic, services } = host.stages.drain
  if (traffic.length > 0 && traffic.every(statesOut)) return 'isolated'
  return services.length > 0 ? 'stopped' : 'exposed'
}

function statesOut(entry: TrafficEntry): boolean {
  return TRAFFIC_KINDS.some((kind) => kind.statesOut(entry))
}
