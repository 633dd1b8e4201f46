import type { ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import type { Observation, StageInput } from '../stages/stage'
import { outdatedServices, splitOutdated } from './outdated'

const RESTART_MS = 330_000

/** Restarts what still runs on replaced files; `try-restart` leaves a service alone that drain stopped. */
export function restartOutdated(x: StageInput): readonly ShStep[] {
  const outdated = x.facts.get(outdatedServices)
  if (!outdated.ok) return []
  return splitOutdated(outdated.value.services).restart.map((unit, index) => ({
    do: 'sh',
    id: `restart.${index + 1}.${unit.toLowerCase().replace(/[^a-z0-9.-]+/g, '-')}`,
    title: `Restart ${unit}, which runs on replaced files`,
    place: 'host',
    // Whether it came back is for verify to judge, together with everything else.
    required: false,
    disruptive: true,
    changes: true,
    timeoutMs: RESTART_MS,
    output: 'text',
    run: sh`systemctl try-restart -- ${unit}`,
  }))
}

/** What cannot be restarted now, or could not be looked for. */
export function leftOutdated(x: StageInput): readonly Observation[] {
  const outdated = x.facts.get(outdatedServices)
  if (!outdated.ok) {
    const what = `Whether services run on replaced files is unknown: ${outdated.why}`
    return [{ kind: 'finding', what, severity: 'info', advice: 'A reboot makes sure' }]
  }
  const { wait } = splitOutdated(outdated.value.services)
  if (wait.length === 0) return []
  const what = `Still on replaced files: ${wait.join(', ')}`
  return [{ kind: 'finding', what, severity: 'warn', advice: 'They cannot be restarted safely: plan a reboot' }]
}
