import { type HostContext, isAsBefore } from './host-context'
import { ended, type HostEnd, stuck } from './host-end'
import type { StepsEnd } from './steps-end'

/** A host that nobody can do more for now says on its own disk that it waits, where that still can be written. */
export async function stuckHost(
  x: HostContext,
  stage: 'clean' | 'update' | 'verify' | 'golive',
  end: StepsEnd,
): Promise<HostEnd> {
  return end.t === 'cancelled' && isAsBefore(x) ? ended('untouched', `cancelled in ${stage}`) : stuck(stage, end)
}
