import type { StageName, Step, StepResult } from '../plan/step'
import type { HostContext } from './host-context'

/** A step begins: told before anything of it happens. */
export function tellBegin(x: HostContext, stage: StageName, step: Step): void {
  x.tell({ type: 'step.begun', stage, step: step.id, title: step.title, disruptive: step.disruptive })
}

/** A step ended: its result is kept for what is planned later. */
export function tellEnd(x: HostContext, stage: StageName, step: Step, r: StepResult): void {
  x.known.results.set(`${stage}/${step.id}`, r)
  const { id, outcome, exitCode, durationMs } = r
  x.tell({ type: 'step.ended', stage, step: id, title: step.title, outcome, exitCode, durationMs, log: '' })
}
