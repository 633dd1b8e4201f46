import type { HostConfig } from '../config/schema'
import type { FoundNote } from '../host/program-note'
import type { TrafficEntry } from '../traffic/driver'
import { driversOf } from '../traffic/kinds'
import { plannedHost } from './program-note'

/** What a run noted of the plan of a host, in the first program that took it out of service; null: nothing that can be read. */
export function ownPlan(notes: readonly FoundNote[], host: string): HostConfig | null {
  for (const note of notes) {
    const planned = note.host === host ? plannedHost(note) : null
    if (planned !== null) return planned
  }
  return null
}

/**
 * The maintenance file may have changed since a host was taken out. How it is put back and verified, the file of today
 * says, for a person may have corrected just that; what was taken out, and where, the host's own plan knows: drivers and
 * services that the file no longer names are put back the way the plan said.
 */
export function withOwnPlan(host: HostConfig, planned: HostConfig | null): HostConfig {
  if (planned === null) return host
  const traffic = droppedDrivers(host, planned)
  const services = planned.stages.drain.services.filter(
    (service) => !host.stages.drain.services.some(({ name }) => name === service.name),
  )
  if (traffic.length === 0 && services.length === 0) return host
  const drain = {
    ...host.stages.drain,
    traffic: [...host.stages.drain.traffic, ...traffic],
    services: [...host.stages.drain.services, ...services],
  }
  // A script that still is in the file is the one of the file.
  const scripts = new Map([...planned.scripts, ...host.scripts])
  return { ...host, scripts, stages: { ...host.stages, drain } }
}

/** The n-th driver at a place takes over from the n-th that was there: those that nobody takes over from are dropped. */
function droppedDrivers(host: HostConfig, planned: HostConfig): readonly TrafficEntry[] {
  const free = placesOf(host)
  return placesOf(planned).flatMap(({ place, entry }) => {
    const at = free.findIndex((one) => one.place === place)
    if (at < 0) return [entry]
    free.splice(at, 1)
    return []
  })
}

function placesOf(host: HostConfig): { place: string; entry: TrafficEntry }[] {
  const places = driversOf({ host, run: { id: '', mode: 'recover', now: new Date(0) } }).map((d) => d.place)
  return host.stages.drain.traffic.flatMap((entry, i) => {
    const place = places[i]
    return place === undefined ? [] : [{ place, entry }]
  })
}
