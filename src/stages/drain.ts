import type { ShStep } from '../plan/step'
import { pauseActors } from '../services/actors'
import { portsOf, servicePorts, waitForConnections } from '../services/connections'
import { missingWaitUnit, quietNow, waitForQuiet } from '../services/quiet'
import { serviceUnits } from '../services/service-units'
import { declaredServices, servicesRule, stopServices } from '../services/systemd'
import { sh } from '../shell/sh'
import { stateOf, whyNoState } from '../traffic/driver'
import { driversOf } from '../traffic/kinds'
import { drainSteps, trafficState } from '../traffic/traffic'
import { needsDrain } from './needs-drain'
import { ruleAt } from './rule'
import type { Observation, Phase, PhasePlan, Stage, StageInput } from './stage'

const NOTHING: PhasePlan = { steps: [] }

/** A phase that has something to read and to do only where the host is to be drained. */
function whenNeeded(phase: Phase): Phase {
  const { facts } = phase
  return {
    ...phase,
    ...(facts === undefined ? {} : { facts: (x: StageInput) => (needsDrain(x).needed ? facts(x) : []) }),
    plan: (x) => (needsDrain(x).needed ? phase.plan(x) : NOTHING),
  }
}

/**
 * Keeps users away before anything changes: wait until the host is quiet, traffic out, connections finished, other actors
 * paused, services stopped so that nothing starts them. Every disruptive step brings its undo; undone newest first, the
 * host is as it was.
 */
export const drain: Stage = {
  name: 'drain',
  phases: [
    // What is pending was read just before the stage: the state on the disk and this plan must come from one answer.
    { name: 'quiet', facts: (x) => (needsDrain(x).needed ? [serviceUnits(x.host), quietNow(x)] : []), plan: planQuiet },
    whenNeeded({ name: 'read-traffic', plan: (x) => ({ steps: trafficState(x).map((reading) => reading.step) }) }),
    whenNeeded({ name: 'traffic', plan: planTraffic }),
    whenNeeded({
      name: 'connections',
      facts: (x) => (isWaitedFor(x) ? [serviceUnits(x.host), servicePorts] : []),
      plan: planConnections,
    }),
    whenNeeded({ name: 'services', facts: (x) => [serviceUnits(x.host)], plan: planServices }),
  ],
}

/** Everything that can be wrong with the drain is found here, before anything is disturbed. */
function planQuiet(x: StageInput): PhasePlan {
  const need = needsDrain(x)
  if (!need.needed) return { steps: [], notes: [note('No drain', need.why)] }
  const stop = whyNoServices(x)
  if (stop !== null) return { steps: [], stop }
  const missing = missingWaitUnit(x)
  if (missing !== null) {
    const rule = ruleAt(x.host, 'stages.drain.wait_for', missing)
    return { steps: [], stop: { reason: `drain.wait_for names ${missing}, which does not exist on this host`, rule } }
  }
  return { steps: waitForQuiet(x) }
}

function whyNoServices(x: StageInput): NonNullable<PhasePlan['stop']> | null {
  if (x.host.stages.drain.services.length === 0) return null
  const rule = servicesRule(x)
  if (x.rights === 'none') return { reason: 'stopping services needs root, which this login does not have', rule }
  const declared = declaredServices(x)
  return declared.ok ? null : { reason: declared.why, rule }
}

/** A host that a person took out stays out: only what this run drains is put back by it (H29). */
function planTraffic(x: StageInput): PhasePlan {
  if (x.run.mode !== 'plan') {
    for (const reading of trafficState(x)) {
      const result = x.results.get(`drain/${reading.step.id}`)
      const state = result === undefined ? 'unknown' : stateOf(result)
      const rule = ruleAt(x.host, 'stages.drain.traffic', state)
      if (state === 'out') return { steps: [], stop: { reason: `${reading.label}: was out before the run`, rule } }
      if (state === 'unknown')
        return {
          steps: [],
          stop: { reason: `${reading.label}: the traffic state could not be read: ${whyNoState(result)}`, rule },
        }
    }
  }
  return { steps: [...noteOnHost(x), ...drainSteps(x)] }
}

/**
 * A drain at a balancer or on the runner leaves no trace on the host itself. A step there, before it, makes the engine put
 * `drained` on the host's disk first, so that whoever comes after a crash knows that there is something to undo.
 */
function noteOnHost(x: StageInput): readonly ShStep[] {
  if (driversOf(x).every((driver) => driver.place === 'host')) return []
  return [
    {
      do: 'sh',
      id: 'note-drain',
      title: 'Note on the host that it is being drained',
      place: 'host',
      required: true,
      disruptive: false,
      changes: true,
      timeoutMs: 60_000,
      run: sh`:`,
      output: 'text',
    },
  ]
}

const isWaitedFor = ({ host: { stages } }: StageInput) =>
  stages.drain.services.length > 0 && stages.drain.connections.for > 0

function planConnections(x: StageInput): PhasePlan {
  if (!isWaitedFor(x)) return NOTHING
  const declared = declaredServices(x)
  if (!declared.ok || declared.value.length === 0) return NOTHING
  const ports = portsOf(x, declared.value)
  if (ports.ok) return { steps: waitForConnections(x, ports.value) }
  const reason = `the ports of the services could not be read: ${ports.why}`
  if (x.host.stages.drain.connections.then === 'cut') return { steps: [], notes: [note('Connections are cut', reason)] }
  return { steps: [], stop: { reason, rule: servicesRule(x) } }
}

function planServices(x: StageInput): PhasePlan {
  const declared = declaredServices(x)
  if (!declared.ok) return { steps: [], stop: { reason: declared.why, rule: servicesRule(x) } }
  return { steps: [...pauseActors(x), ...stopServices(x, declared.value)] }
}

function note(what: string, advice: string): Observation {
  return { kind: 'finding', what, severity: 'info', advice }
}
