import { planRollback } from '../stages/rollback'
import { type HostContext, stageInput } from './host-context'
import { runSteps } from './steps'
import type { StepsEnd } from './steps-end'

/** Back to the exact earlier versions, where prepare proved that this is possible. */
export async function rollBack(x: HostContext): Promise<StepsEnd> {
  const plan = planRollback(stageInput(x))
  if (!plan.possible) return { t: 'failed', step: 'rollback', reason: plan.reason }
  return runSteps(x, 'update', plan.steps, { phase: 'update', touched: true })
}
