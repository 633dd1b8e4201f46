import { MaintenanceError, sentenceOf } from '../errors'
import type { Machine } from '../host/machine'
import type { Place } from '../plan/step'
import type { HostContext } from './host-context'

/**
 * The machine of a place, or one sentence why it cannot be had: a helper that is gone, or in the hands of another run, is a
 * step that failed there, and what follows from that the stage decides (design 4.2).
 */
export async function machineAt(x: Pick<HostContext, 'place'>, place: Place): Promise<Machine | string> {
  try {
    return await x.place(place)
  } catch (error) {
    if (error instanceof MaintenanceError) return sentenceOf(error)
    throw error
  }
}
