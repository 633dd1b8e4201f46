import type { CheckResult } from '../checks/check'
import { bootId } from '../facts/boot-id'
import type { Facts } from '../facts/fact'
import { failedUnits } from '../facts/failed-units'
import { initSystem } from '../facts/init-system'
import { type NewestKernel, newestKernel } from '../facts/newest-kernel'
import { findUnit, units } from '../facts/units'
import { packageConsistency, packageManagerId } from '../packages/facts'
import { hasPassingName, isPassing } from './passing-units'
import { result } from './side-by-side'

/** `builtin:packages`: nothing half-installed, no broken dependency. Skipped only where there surely is no known manager. */
export function packageManagerConsistent(after: Facts): CheckResult {
  const check = (outcome: CheckResult['outcome'], actual: string) =>
    result('builtin:packages', outcome, 'the package manager is consistent', actual)
  const manager = after.get(packageManagerId)
  if (manager.ok && manager.value === null) return check('skipped', 'no package manager that Pitstop knows')
  const consistency = after.get(packageConsistency)
  if (!consistency.ok) return check('unknown', consistency.why)
  return consistency.value.ok ? check('pass', 'consistent') : check('fail', named(consistency.value.problems))
}

/** `builtin:units`: nothing is failed that was not failed before. */
export function noNewlyFailedUnit(
  baseline: Facts | undefined,
  after: Facts,
  expectChanges: (id: string) => boolean,
): CheckResult {
  const check = (outcome: CheckResult['outcome'], actual: string) =>
    result('builtin:units', outcome, 'no newly failed unit', actual)
  const now = after.get(failedUnits)
  if (!now.ok) return isOtherInit(after) ? check('skipped', now.why) : check('unknown', now.why)
  const before = baseline?.get(failedUnits)
  const lasting = now.value.filter((id) => !isOfNoService(after, id))
  if (lasting.length > 0 && !before?.ok) {
    return check('unknown', `${named(lasting)} failed, and nothing tells since when`)
  }
  const known = before?.ok ? before.value : []
  const fresh = now.value.filter((id) => !known.includes(id) && !expectChanges(`unit:${id}`))
  const lost = fresh.filter((id) => lasting.includes(id))
  if (lost.length > 0) return check('fail', named(lost))
  if (fresh.length > 0) return check('warn', `${named(fresh)}: of a session, a single command or a connection`)
  return check('pass', now.value.length === 0 ? 'no unit is failed' : `failed before already: ${named(now.value)}`)
}

/** A unit that nobody set up fails with its command: by what systemd knows of it, else by its name. */
function isOfNoService(facts: Facts, id: string): boolean {
  const unit = facts.or(units, []).find((one) => one.id === id)
  return unit === undefined ? hasPassingName(id) : isPassing(unit)
}

/** Whether the host surely runs something that knows no failed state. */
function isOtherInit(facts: Facts): boolean {
  const init = facts.get(initSystem)
  return init.ok && init.value === 'other'
}

/** What this run did: `any` where the baseline is of an earlier run, and a person may have rebooted since. */
export type Rebooted = 'yes' | 'no' | 'any'

/** `builtin:boot`: a new boot after a reboot, the same without one; and no older kernel than could have started. */
export function expectedBootAndKernel(baseline: Facts | undefined, after: Facts, rebooted: Rebooted): CheckResult {
  const expected = { yes: 'a new boot with the newest kernel', no: 'the boot from before', any: 'a known boot' }[
    rebooted
  ]
  const check = (outcome: CheckResult['outcome'], actual: string) => result('builtin:boot', outcome, expected, actual)
  const now = after.get(bootId)
  if (!now.ok) return check('unknown', now.why)
  if (rebooted === 'any') return check('pass', `boot ${now.value}`)
  const before = baseline?.get(bootId)
  if (before === undefined || !before.ok)
    return check('unknown', before?.why ?? 'the boot before the maintenance is not known')
  const isNew = before.value !== now.value
  if (rebooted === 'no')
    return isNew ? check('fail', 'the host was rebooted, and not by this run') : check('pass', 'the same boot')
  if (!isNew) return check('fail', 'the same boot: the reboot did not happen')
  const kernels = after.get(newestKernel)
  if (!kernels.ok) return check('unknown', kernels.why)
  // What could be told before the reboot has to be told after it; elsewhere it never could.
  const known = baseline?.get(newestKernel)
  if (kernels.value.outdated === 'unknown' && known?.ok && known.value.outdated !== 'unknown')
    return check('unknown', `a new boot; ${kernels.value.why}`)
  if (kernels.value.outdated !== 'yes') return check('pass', `a new boot; ${kernels.value.why}`)
  return known?.ok && isAsBefore(known.value, kernels.value)
    ? check('warn', `a new boot; ${kernels.value.why}, as before: the boot loader prefers it`)
    : check('fail', `a new boot; ${kernels.value.why}`)
}

/** The older kernel ran before, and this run installed none: that it came back is how the host is set up (a pinned kernel). */
function isAsBefore(before: NewestKernel, now: NewestKernel): boolean {
  const isOlder = before.outdated === 'yes' && before.newest !== before.running
  return isOlder && before.running === now.running && before.installed.join() === now.installed.join()
}

/** `builtin:services`: every service that was stopped for the maintenance runs. */
export function drainedServicesActive(after: Facts, services: readonly string[]): CheckResult {
  const check = (outcome: CheckResult['outcome'], actual: string) =>
    result('builtin:services', outcome, 'the drained services are active', actual)
  if (services.length === 0) return check('skipped', 'no services are drained')
  const all = after.get(units)
  if (!all.ok) return check('unknown', all.why)
  const wrong = services.flatMap((name) => {
    const state = findUnit(all.value, name)?.active ?? 'not there'
    return state === 'active' || state === 'reloading' ? [] : [`${name} is ${state}`]
  })
  return wrong.length === 0 ? check('pass', `${services.length} active`) : check('fail', named(wrong))
}

function named(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
