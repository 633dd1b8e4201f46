import type { HostContext } from '../../engine/host-context'
import { hookSteps } from '../../engine/stage-run'
import type { PlannedStep } from '../../plan/plan'
import type { StageName, Step } from '../../plan/step'
import { spokenDuration } from '../../show/duration'
import { needsDrain } from '../../stages/needs-drain'
import type { StageInput } from '../../stages/stage'
import { undrainSteps } from '../../traffic/traffic'

export function plannedStep(stage: StageName, step: Step): PlannedStep {
  const undo = step.do === 'sh' && step.undo ? (step.undo.onDeadMan ? 'dead-man' : 'runner') : null
  const { id, title, place, disruptive, changes } = step
  return { stage, id, title, place, disruptive, changes, undo }
}

/** The commands of the file around a stage. */
export function plannedHooks(x: HostContext, stage: StageName, when: 'before' | 'after'): readonly PlannedStep[] {
  return hookSteps(x, stage, when, x.host.stages[stage][when]).map((step) => plannedStep(stage, step))
}

/** What an open gate would do. Only such a gate makes the steps themselves (promise 1); here they are for the eye. */
export function plannedGolive(x: HostContext, input: StageInput): readonly PlannedStep[] {
  const { watch } = x.host.stages.golive
  const back = needsDrain(input).needed ? undrainSteps(input, 'undo').map((step) => plannedStep('golive', step)) : []
  const around = [plannedHooks(x, 'golive', 'before'), plannedHooks(x, 'golive', 'after')] as const
  return [...around[0], ...back, ...(watch > 0 ? [watchStep(watch)] : []), ...around[1]]
}

function watchStep(ms: number): PlannedStep {
  const title = `Watch the checks under traffic for ${spokenDuration(ms)}`
  return { stage: 'golive', id: 'watch', title, place: 'host', disruptive: false, changes: false, undo: null }
}
