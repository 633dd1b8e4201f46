import type { ShStep } from '../plan/step'
import type { StageInput } from '../stages/stage'
import { ACTOR_GROUP, type HeldUnit, heldAs, holdAndStop, releaseAndStart, toStart } from './hold'
import { hostLeftovers } from './leftovers'
import { ACTORS, namedUnit, serviceUnits } from './service-units'

const PAUSE_MS = 120_000
const RESUME_WAIT_MS = 60_000

/**
 * The other actors of a host that are there and run, or would run after a reboot. Services of the file are left out: they
 * have a turn of their own.
 */
function actorsOf(x: StageInput): readonly HeldUnit[] {
  const all = x.facts.or(serviceUnits(x.host), [])
  const declared = x.host.stages.drain.services.map(({ name }) => namedUnit(all, name)?.id)
  return ACTORS.flatMap((name) => {
    const unit = namedUnit(all, name)
    if (unit?.load !== 'loaded' || declared.includes(unit.id)) return []
    const held = heldAs(unit)
    return held.was === 'active' || unit.enabled === 'enabled' ? [held] : []
  })
}

/** Pauses what would change packages or configuration meanwhile, a reboot included. Empty where nothing does. */
export function pauseActors(x: StageInput): readonly ShStep[] {
  const held = actorsOf(x)
  if (held.length === 0 || x.rights === 'none') return []
  return [
    {
      do: 'sh',
      id: 'pause-actors',
      title: `Pause ${held.map((one) => one.unit).join(', ')}`,
      place: 'host',
      required: true,
      disruptive: false,
      changes: true,
      timeoutMs: PAUSE_MS,
      run: holdAndStop(ACTOR_GROUP, held, PAUSE_MS),
      undo: { run: releaseAndStart(held, toStart(ACTOR_GROUP, held), RESUME_WAIT_MS), onDeadMan: true },
      output: 'text',
    },
  ]
}

/** Lets the paused actors go on, from the holds that are on the host. */
export function resumeActors(x: StageInput): readonly ShStep[] {
  const held = x.facts.or(hostLeftovers, []).filter((one) => one.group === ACTOR_GROUP)
  if (held.length === 0) return []
  return [
    {
      do: 'sh',
      id: 'resume-actors',
      title: `Resume ${held.map((one) => one.unit).join(', ')}`,
      place: 'host',
      required: false,
      disruptive: false,
      changes: true,
      timeoutMs: PAUSE_MS,
      run: releaseAndStart(held, toStart(ACTOR_GROUP, held), RESUME_WAIT_MS, 'later'),
      output: 'text',
    },
  ]
}
