import { expand } from '../../config/command'
import type { HostConfig } from '../../config/schema'
import { type HostContext, stageInput } from '../../engine/host-context'
import { machineAt } from '../../engine/place'
import type { PlannedStep } from '../../plan/plan'
import { STAGES, type StageName } from '../../plan/step'
import { ruleAt } from '../../stages/rule'
import { driversOf } from '../../traffic/kinds'
import type { Found } from './sight'

/** Every machine besides the host that its steps or checks need: one that cannot be had would stop it at two in the morning. */
export async function reachHelpers(x: HostContext, steps: readonly PlannedStep[]): Promise<Found> {
  const stops = [...placesOf(x, steps)].map(async ([place, { stage, key }]) => {
    const machine = await machineAt(x, place)
    if (typeof machine !== 'string') return []
    return [{ stage, reason: `a machine it needs cannot be had: ${machine}`, rule: ruleAt(x.host, key, place) }]
  })
  return { stops: (await Promise.all(stops)).flat(), notes: [] }
}

interface Need {
  readonly stage: StageName
  /** The key of the file that names it. */
  readonly key: string
}

/** Each place with the first stage that needs it. Traffic is read before anything else. */
function placesOf(x: HostContext, steps: readonly PlannedStep[]): ReadonlyMap<string, Need> {
  const needs = new Map<string, Need>()
  const add = (place: string, stage: StageName, key: string) => {
    if (place !== 'host' && !needs.has(place)) needs.set(place, { stage, key })
  }
  for (const { place } of driversOf(stageInput(x))) add(place, 'drain', 'stages.drain.traffic')
  for (const stage of STAGES)
    for (const step of steps.filter((one) => one.stage === stage)) add(step.place, stage, `stages.${stage}`)
  for (const place of checkPlaces(x.host)) add(place, 'verify', 'stages.verify.checks')
  return needs
}

function checkPlaces(host: HostConfig): readonly string[] {
  return host.stages.verify.checks.flatMap((entry) =>
    'command' in entry && entry.command !== undefined ? [expand(entry.command.on, host)] : [],
  )
}
