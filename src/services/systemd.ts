import type { Result } from '../facts/fact'
import { unitId } from '../facts/units'
import type { ShStep } from '../plan/step'
import { ruleAt } from '../stages/rule'
import type { Phase, PhasePlan, Rule, StageInput } from '../stages/stage'
import { type HeldUnit, holdAndStop, holdsOf, releaseAndStart, toStart } from './hold'
import { hostLeftovers, type Leftover } from './leftovers'
import { namedUnit, type ServiceUnit, serviceUnits } from './service-units'

/** How long a service may take to stop or start where the file says nothing: systemd's own limits end it before that. */
const OWN_LIMIT_MS = 300_000
/** For daemon-reload and reading back, besides the unit's own time. */
const AROUND_MS = 30_000

/** Without these nobody can reach the host again, or systemd cannot be spoken to. */
const NEVER_STOPPED =
  /^(sshd?(@.*)?|dbus(-broker)?|systemd-.*|NetworkManager|networking|network|init|user@.*|getty@.*)\.(service|socket)$/

export interface DeclaredService {
  readonly unit: ServiceUnit
  readonly stopMs: number
  readonly startMs: number
}

/** The services of the file as they are on the host, in the order they are stopped; or why they cannot be drained. */
export function declaredServices(x: StageInput): Result<readonly DeclaredService[]> {
  const { services, missing } = servicesFound(x)
  const [why] = missing
  return why === undefined ? { ok: true, value: services } : { ok: false, why }
}

interface ServicesFound {
  readonly services: readonly DeclaredService[]
  /** Why each of the others cannot be drained. */
  readonly missing: readonly string[]
}

function servicesFound(x: StageInput): ServicesFound {
  const wanted = x.host.stages.drain.services
  if (wanted.length === 0) return { services: [], missing: [] }
  const all = x.facts.get(serviceUnits(x.host))
  if (!all.ok) return { services: [], missing: [`the units of ${x.host.name} could not be read: ${all.why}`] }
  const services: DeclaredService[] = []
  const missing: string[] = []
  for (const entry of wanted) {
    const unit = namedUnit(all.value, entry.name)
    const why = whyNot(unit, entry.name)
    if (unit === undefined || why !== null) missing.push(why ?? '')
    else
      services.push({ unit, stopMs: entry.stop_timeout ?? OWN_LIMIT_MS, startMs: entry.start_timeout ?? OWN_LIMIT_MS })
  }
  return { services, missing }
}

function whyNot(unit: ServiceUnit | undefined, name: string): string | null {
  if (unit === undefined || unit.load === 'not-found') return `the declared service ${name} does not exist on this host`
  if (unit.load !== 'loaded') return `the declared service ${name} cannot be started (systemd says ${unit.load})`
  if (NEVER_STOPPED.test(unit.id)) return `${unit.id} is needed to reach the host and is never stopped`
  if (unit.type === 'oneshot' && !unit.remainsAfterExit) {
    return `${unit.id} is a job that runs and ends, not a service; declare its timer`
  }
  return null
}

export function servicesRule(x: StageInput): Rule {
  const names = x.host.stages.drain.services.map((service) => service.name)
  return ruleAt(x.host, 'stages.drain.services', names.join(' '))
}

const stepId = (verb: string, index: number, unit: string) =>
  `${verb}-${index + 1}-${unit.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-')}`

/** Stops the declared services in their order, so that neither a package script nor a reboot starts them (H24). */
export function stopServices(x: StageInput, declared: readonly DeclaredService[]): readonly ShStep[] {
  const all = x.facts.or(serviceUnits(x.host), [])
  const own = declared.map((service) => service.unit.id)
  return declared.map((service, index) => {
    const held = holdsOf(service.unit, all, own)
    const ran = held.filter((one) => one.was === 'active').map((one) => one.unit)
    return {
      ...stopStep(service, index, held),
      undo: { run: releaseAndStart(held, ran, service.startMs), onDeadMan: true },
    }
  })
}

function stopStep(service: DeclaredService, index: number, held: readonly HeldUnit[]): ShStep {
  const others = held.length > 1 ? ` (and ${held.length - 1} units with it)` : ''
  return {
    do: 'sh',
    id: stepId('stop', index, service.unit.id),
    title: `Stop ${service.unit.id}${others}`,
    place: 'host',
    required: true,
    disruptive: true,
    changes: true,
    timeoutMs: service.stopMs + AROUND_MS,
    run: holdAndStop(service.unit.id, held, service.stopMs),
    output: 'text',
  }
}

/**
 * Stops the drained services again, for a host whose gate stayed shut and that is not isolated: those that are there, though
 * an update may have taken one away. No undo: it is held. Needs `serviceFacts` read fresh.
 */
export function stopServicesAgain(x: StageInput): {
  readonly steps: readonly ShStep[]
  readonly missing: readonly string[]
} {
  const { services, missing } = servicesFound(x)
  const all = x.facts.or(serviceUnits(x.host), [])
  const own = services.map((service) => service.unit.id)
  const steps = services.map((service, index) => stopStep(service, index, holdsOf(service.unit, all, own)))
  return { steps, missing }
}

/** The facts that `stopServicesAgain` plans from. */
export function serviceFacts(x: StageInput) {
  return [serviceUnits(x.host), hostLeftovers] as const
}

/**
 * Starts what drain stopped, in reverse order, behind the traffic drain. Planned from the holds that are on the host, not
 * from what the run remembers; a host that holds nothing gives no steps. Where the holds cannot be read the plan stops,
 * and the gate has to stay shut.
 */
export function startServices(x: StageInput): PhasePlan {
  const holds = x.facts.get(hostLeftovers)
  if (!holds.ok)
    return { steps: [], stop: { reason: `what is held on ${x.host.name} could not be read: ${holds.why}` } }
  const groups = groupsOf(holds.value)
  const order = startOrder(x, [...groups.keys()])
  return { steps: order.map((group, index) => startStep(x, group, groups.get(group) ?? [], index)) }
}

/** The first phase of verify. */
export const startServicesPhase: Phase = { name: 'start-services', facts: startFacts, plan: startServices }

/** What is held now; order and time limits of the services come from the units as they were seen before, where they were. */
function startFacts(x: StageInput) {
  return x.facts.get(serviceUnits(x.host)).ok ? [hostLeftovers] : serviceFacts(x)
}

/** Holds by the service they stand for, without the paused actors. */
function groupsOf(holds: readonly Leftover[]): Map<string, Leftover[]> {
  const groups = new Map<string, Leftover[]>()
  for (const hold of holds) {
    if (hold.group.includes('.')) groups.set(hold.group, [...(groups.get(hold.group) ?? []), hold])
  }
  return groups
}

/** Reverse of the order of the file; a service that is no longer in the file first, as nothing declared can need it. */
function startOrder(x: StageInput, groups: readonly string[]): readonly string[] {
  const all = x.facts.or(serviceUnits(x.host), [])
  const stopped = x.host.stages.drain.services.map(({ name }) => namedUnit(all, name)?.id ?? unitId(name))
  const place = (group: string) => (stopped.includes(group) ? stopped.indexOf(group) : Number.MAX_SAFE_INTEGER)
  return [...groups].sort((a, b) => place(b) - place(a))
}

function startStep(x: StageInput, group: string, held: readonly HeldUnit[], index: number): ShStep {
  const all = x.facts.or(serviceUnits(x.host), [])
  const entry = x.host.stages.drain.services.find(({ name }) => (namedUnit(all, name)?.id ?? unitId(name)) === group)
  const startMs = entry?.start_timeout ?? OWN_LIMIT_MS
  return {
    do: 'sh',
    id: stepId('start', index, group),
    title: `Start ${group}`,
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: startMs + AROUND_MS,
    run: releaseAndStart(held, toStart(group, held), startMs, 'later'),
    output: 'text',
  }
}
