import { rollbackPhases } from '../stages/rollback'
import type { HostContext } from './host-context'
import { runPhase } from './stage-run'
import type { StepsEnd } from './steps-end'

/** Back to the exact earlier versions, where prepare proved that this is possible; proved by what is installed then. */
export async function rollBack(x: HostContext): Promise<StepsEnd> {
  for (const phase of rollbackPhases) {
    const end = await runPhase(x, 'update', phase, { phase: 'update', touched: true })
    if (end.t !== 'ok') return end
  }
  return { t: 'ok' }
}
