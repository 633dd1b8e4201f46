import type { ReportHost } from '../../src/report/report-schema'
import type { Broken } from './broken'
import type { HostLook } from './look'
import { STRUCK, TARGETS, type Target } from './scenario'
import type { SceneRecord } from './scene-record'
import { unverifiedSpans } from './witness'

/** What a report says of a host is held against what is found there. */
export function judgeVerdicts(record: SceneRecord): readonly Broken[] {
  return TARGETS.flatMap((name) => [...afterFirst(record, name), ...afterSecond(record, name)])
}

function afterFirst(record: SceneRecord, name: Target): readonly Broken[] {
  const look = record.afterFirst?.get(name)
  const said = record.first.report?.hosts.find((host) => host.name === name)
  if (look === undefined || said === undefined) return []
  // The host may be away, or may have come back meanwhile: that a run could not reach it is true either way.
  if (said.verdict === 'unreachable') return away(record, name, 'first')
  const away_ = record.fault?.takesHostAway === true && name === STRUCK
  if (!look.isOn && away_) return []
  // Its gate was open and its users are back on a service that was verified; that could not be written down any more.
  if (said.verdict === 'held' && isVerified(look) && notServing(look).length === 0) return []
  return lies(record, look, said).map((lie) => broken(name, 'first', said, lie))
}

function afterSecond(record: SceneRecord, name: Target): readonly Broken[] {
  const look = record.afterSecond.get(name)
  const said = record.second.report?.hosts.find((host) => host.name === name)
  if (look === undefined || said === undefined) return []
  if (said.verdict === 'unreachable') return [broken(name, 'second', said, 'everything was repaired, and it answers')]
  return lies(record, look, said).map((lie) => broken(name, 'second', said, lie))
}

function away(record: SceneRecord, name: Target, run: 'first' | 'second'): readonly Broken[] {
  if (record.fault?.takesHostAway === true && name === STRUCK) return []
  return [{ promise: 'verdict', sentence: `${run} run: ${name} is called unreachable, and nothing took it away` }]
}

function broken(name: Target, run: 'first' | 'second', said: ReportHost, lie: string): Broken {
  return { promise: 'verdict', sentence: `${run} run: ${name} is ${said.verdict} (${said.reason}), but ${lie}` }
}

function lies(record: SceneRecord, look: HostLook, said: ReportHost): readonly string[] {
  switch (said.verdict) {
    case 'live':
    case 'rolled-back':
      return [...notServing(look), ...notTidy(look)]
    case 'held':
      return notOut(record, look)
    case 'untouched':
      return untouchedLies(look, said)
    case 'unreachable':
      return []
  }
}

/** A host with users on it: traffic in, service up and healthy. */
function notServing(look: HostLook): readonly string[] {
  return [
    ...(look.isOn ? [] : ['it is off']),
    ...(look.isOut === true ? ['its users are kept out'] : []),
    ...(look.unit === 'active' ? [] : [`its service is ${look.unit}`]),
    ...(look.answer === '200' ? [] : [`its service answers ${look.answer}`]),
  ]
}

/** Nothing of a run is left behind. */
function notTidy(look: HostLook): readonly string[] {
  const [phase, touched, drained] = ['phase', 'touched', 'drained'].map((key) => look.state.get(key))
  const isFresh = look.state.size === 0
  // A host that was only looked at keeps the name of the stage: nothing of it matters to anybody.
  const isAtRest = phase === 'idle' || phase === 'prepare' || phase === 'monitor'
  return [
    ...(look.holds.length === 0 ? [] : [`units are held: ${look.holds.join(' ')}`]),
    ...(isFresh || (isAtRest && touched === 'false' && drained === 'false')
      ? []
      : [`its state says phase=${phase} touched=${touched} drained=${drained}`]),
    ...(look.undos === 0 ? [] : [`${look.undos} undos are left`]),
  ]
}

/** Users are away from an isolated host; on one that is only stopped the service does not run. */
function notOut(record: SceneRecord, look: HostLook): readonly string[] {
  if (!look.isOn) return []
  const isOut = record.variant === 'stopped' ? look.unit !== 'active' : look.isOut === true
  return isOut ? [] : ['users reach it']
}

/** It was changed, and checks have passed on it since. */
function isVerified(look: HostLook): boolean {
  const spans = unverifiedSpans(look.witness)
  return spans.length > 0 && spans.every((span) => span.to < Number.POSITIVE_INFINITY)
}

/**
 * As before: serving, nothing held, the old packages. A later run calls a host untouched that an earlier one had finished:
 * its packages are new then, and checks have passed on it since its last change.
 */
function untouchedLies(look: HostLook, said: ReportHost): readonly string[] {
  const changed = look.witness.some((line) => line.what === 'hook.clean')
  const old = look.packages.every((one) => one.includes('=1.0='))
  const isLease = said.rule?.name === 'lease'
  return [
    ...(isLease ? [] : [...notServing(look), ...notTidy(look)]),
    ...(isVerified(look) || (old && !changed) ? [] : [`it was changed: ${look.packages.join(' ')}`]),
  ]
}
