import type { Place, Secret } from '../plan/step'
import { driversOf } from '../traffic/kinds'
import { type HostContext, stageInput } from './host-context'

/**
 * Where undos of a host may lie besides its own disk, newest first, with the secrets they need: what this run noted, and
 * every place the drivers of the file work at, where an earlier run may have left them.
 */
export function undoPlacesElsewhere(x: HostContext): ReadonlyMap<Place, Readonly<Record<string, Secret>>> {
  const places = new Map<Place, Readonly<Record<string, Secret>>>()
  for (const { place, undrain } of driversOf(stageInput(x))) {
    places.set(place, { ...places.get(place), ...undrain.secretEnv })
  }
  for (const [place, secrets] of x.known.undoPlaces) places.set(place, { ...places.get(place), ...secrets })
  places.delete('host')
  return new Map([...places].reverse())
}
