import type { HostConfig } from '../../config/schema'
import type { NotedPart } from '../../host/program-note'
import type { TrafficDriver } from '../../traffic/driver'
import { driversOf } from '../../traffic/kinds'
import { driverDigest } from './digest'

/** What a run notes of its plan: enough for a later one to find those parts in the file of its day. */
export function partsOf(host: HostConfig): readonly NotedPart[] {
  const { services } = host.stages.drain
  const plain = (kind: NotedPart['kind'], name: string) => ({ kind, name, digest: null, isSecret: false })
  return [
    ...driversIn(host).map((driver) => ({
      kind: 'driver' as const,
      name: driver.place,
      digest: driverDigest(driver),
      isSecret: Object.keys(driver.undrain.secretEnv).length > 0,
    })),
    ...services.map(({ name }) => plain('service', name)),
    ...host.stages.update.apps.map(({ name }) => plain('app', name)),
  ]
}

/** What became of the drivers that a run took the host out by, in the file of today. */
export interface DriversSince {
  /** Named no more: the file says nothing of how they are undone. */
  readonly gone: readonly NotedPart[]
  /** Places whose driver says something else by now. */
  readonly changed: readonly string[]
}

/** The same driver is the same; of the rest, the n-th at a place takes over from the n-th that was there. */
export function driversSince(host: HostConfig, noted: readonly NotedPart[]): DriversSince {
  const today = driversIn(host).map((driver) => ({ place: driver.place, digest: driverDigest(driver) }))
  const take = (is: (one: (typeof today)[number]) => boolean) => {
    const at = today.findIndex(is)
    return at >= 0 && today.splice(at, 1).length > 0
  }
  const drivers = noted.filter((part) => part.kind === 'driver')
  const others = drivers.filter((part) => !take(({ place, digest }) => place === part.name && digest === part.digest))
  const gone = others.filter((part) => !take(({ place }) => place === part.name))
  const changed = others.filter((part) => !gone.includes(part) && part.digest !== null)
  return { gone, changed: changed.map((part) => part.name) }
}

/** Which run asks makes no difference to what a driver is. */
function driversIn(host: HostConfig): readonly TrafficDriver[] {
  return driversOf({ host, run: { id: '', mode: 'recover', now: new Date(0) } })
}
