import type { OpenGate } from '../gate/gate'
import { resumeActors } from '../services/actors'
import { hostLeftovers, type Leftover } from '../services/leftovers'
import { undrainSteps } from '../traffic/traffic'
import type { Phase, PhasePlan, Stage, StageInput } from './stage'

/**
 * Lets users back. Only an open gate of this very host and run makes its steps; without one there is no such phase. A host
 * that Pitstop did not take out is not put in either: a person may have taken it out meanwhile (H29).
 */
export function undrainPhase(gate: OpenGate): Phase {
  return { name: 'undrain', plan: (x) => ({ steps: wasTakenOut(x) ? undrainSteps(x, gate) : [] }) }
}

/** By the host's own word, which an earlier run may have left there, or by what this run did. */
function wasTakenOut(x: StageInput): boolean {
  return x.state.drained || [...x.results.keys()].some((key) => /^drain\/traffic-\d+-drain$/.test(key))
}

/** The paused actors go on, and nothing of ours stays on the host. */
export const resumePhase: Phase = { name: 'resume', facts: () => [hostLeftovers], plan: planResume }

/** The whole stage; the watch is the engine's. */
export function golive(gate: OpenGate): Stage {
  return { name: 'golive', phases: [undrainPhase(gate), resumePhase] }
}

function planResume(x: StageInput): PhasePlan {
  const left = x.facts.get(hostLeftovers)
  if (!left.ok) return { steps: [], notes: [finding('Holds of Pitstop could not be read', left.why)] }
  const services = [...new Set(left.value.filter(isForService).map((one) => one.group))]
  const notes = services.map((name) => finding(`${name} is still held`, 'It was not started in verify; run recover.'))
  return { steps: resumeActors(x), notes }
}

const isForService = (left: Leftover) => left.group.includes('.')

function finding(what: string, advice: string) {
  return { kind: 'finding', what, severity: 'warn', advice } as const
}
