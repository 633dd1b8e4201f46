import type { CheckResult } from '../checks/check'
import { findUnit, isActive, type Unit } from '../facts/units'
import { isPassing } from './passing-units'
import { result } from './side-by-side'

export interface UnitOptions {
  /** Services the run stops and starts again: they have to be active, whatever else would excuse them. */
  readonly drainedServices: readonly string[]
  /** Units the run has paused and not yet given back (timers of package managers): they are not judged. */
  readonly pausedUnits?: readonly string[]
  /** Services that restarted again and again before the maintenance too. */
  readonly loopedBefore?: ReadonlySet<string>
}

/** A unit that was active has to be active; one that is newly active at boot is told. */
export function compareUnits(before: readonly Unit[], now: readonly Unit[], options: UnitOptions): CheckResult[] {
  const nowById = new Map(now.map((unit) => [unit.id, unit]))
  const beforeById = new Map(before.map((unit) => [unit.id, unit]))
  // What was down then is not among what was read then.
  const all = [...before, ...now]
  const paused = idsOf(all, options.pausedUnits ?? [])
  const drained = idsOf(all, options.drainedServices)
  const known = before.filter((unit) => isActive(unit) && (drained.has(unit.id) || isLasting(unit)))
  const kept = known.map((unit) => {
    if (paused.has(unit.id)) return result(unitKey(unit), 'skipped', 'active', 'paused by this run')
    const judged = judgeUnit(unit, nowById, drained.has(unit.id))
    return options.loopedBefore?.has(unit.id) === true ? asBefore(judged, nowById.get(unit.id)) : judged
  })
  const fresh = now
    .filter((unit) => isActive(unit) && isLasting(unit) && startsAtBoot(unit))
    .filter((unit) => !isActive(beforeById.get(unit.id)) && !paused.has(unit.id) && !drained.has(unit.id))
    .map((unit) => result(unitKey(unit), 'warn', 'as before: not active', 'active'))
  return [...kept, ...fresh]
}

/** Between two attempts of a loop that was there before; a service that gave up meanwhile is a fault all the same. */
function asBefore(judged: CheckResult, now: Unit | undefined): CheckResult {
  if (judged.outcome !== 'fail' || now?.active !== 'activating') return judged
  return { ...judged, outcome: 'warn', actual: `${judged.actual}: it restarted before the maintenance too` }
}

function idsOf(all: readonly Unit[], names: readonly string[]): Set<string> {
  return new Set(names.flatMap((name) => findUnit(all, name)?.id ?? []))
}

/** `timer:x.timer` for timers, `unit:x` for all others. */
function unitKey(unit: Unit): string {
  return unit.id.endsWith('.timer') ? `timer:${unit.id}` : `unit:${unit.id}`
}

/** Whether it is a state at all: a one-shot that does not remain is only ever seen active by chance. */
function isLasting(unit: Unit): boolean {
  if (isPassing(unit)) return false
  return unit.type !== 'oneshot' || unit.remainsAfterExit
}

function startsAtBoot(unit: Unit): boolean {
  return unit.isWanted || unit.enabled.startsWith('enabled') || unit.enabled === 'generated'
}

function judgeUnit(before: Unit, nowById: ReadonlyMap<string, Unit>, wasDrained: boolean): CheckResult {
  const now = nowById.get(before.id)
  const id = unitKey(before)
  if (now !== undefined && isActive(now)) {
    const disabled = before.enabled.startsWith('enabled') && !now.enabled.startsWith('enabled')
    if (!disabled) return result(id, 'pass', 'active', 'active')
    return result(
      id,
      'warn',
      before.enabled,
      `active, but ${now.enabled || 'without a unit file'}: not after the next boot`,
    )
  }
  const state =
    now === undefined ? 'not there' : `${now.active} (${now.sub}${now.result === 'success' ? '' : `, ${now.result}`})`
  if (wasDrained || now?.active === 'failed') return result(id, 'fail', 'active', state)
  const starter = startedOnDemandBy(before, nowById)
  if (starter !== undefined)
    return result(id, 'pass', 'active or on demand', `${state}, ${starter} starts it on demand`)
  if (isBootChore(before, now)) return result(id, 'warn', 'active', `${state}: a chore of booting that did not apply`)
  return result(id, 'fail', 'active', state)
}

/** Nothing starts it at boot; its socket, timer or path (active now) or the bus does so when it is needed. */
function startedOnDemandBy(unit: Unit, nowById: ReadonlyMap<string, Unit>): string | undefined {
  if (startsAtBoot(unit)) return undefined
  const trigger = unit.triggeredBy.find((id) => isActive(nowById.get(id)))
  return trigger ?? (unit.busName === '' ? undefined : 'the bus')
}

/**
 * One-shots that remain "active (exited)" and may rightly not run at the next boot: their condition did not hold
 * (`ConditionNeedsUpdate=`, first boot), or the boot pulls them in only where there is something to do (`systemd-fsck@`).
 */
function isBootChore(before: Unit, now: Unit | undefined): boolean {
  if (before.type !== 'oneshot') return false
  return now?.conditionMet === false || (before.enabled === 'static' && !(before.isWanted && now?.isWanted))
}
