import { initSystem } from '../facts/init-system'
import { type Unit, units } from '../facts/units'
import type { CheckResult } from './check'
import type { Judge, JudgeInput } from './judge'
import { loopedBefore } from './restart-loops'

const NAMED = 3

/** Between two rounds no service restarted: one lucky look at a crash loop is no pass (H31). */
export const steady: Judge = { id: 'builtin:steady', judge: (x) => [judgeSteady(x)] }

function judgeSteady({ baseline, before, now }: JudgeInput): CheckResult {
  const read = now.get(units)
  if (!read.ok) {
    const init = now.get(initSystem)
    // Only systemd counts restarts. A host that surely runs something else has nothing to compare.
    if (init.ok && init.value !== 'systemd') return result('skipped', `${init.value} counts no restarts`)
    return result('unknown', `the units could not be read: ${read.why}`)
  }
  const earlier = before?.get(units)
  if (earlier === undefined) return result('skipped', 'first look')
  if (!earlier.ok) return result('unknown', `the units of the round before could not be read: ${earlier.why}`)
  const looped = loopedBefore(baseline)
  const restarted = read.value.flatMap((unit) => {
    const what = restartOf(earlier.value, unit)
    return what === undefined ? [] : [{ what, isNew: !looped.has(unit.id) }]
  })
  const fresh = restarted.filter((one) => one.isNew)
  if (fresh.length > 0) return result('fail', named(fresh))
  return restarted.length === 0
    ? result('pass', 'no service restarted between the rounds')
    : result('warn', `restarted before the maintenance too: ${named(restarted)}`)
}

function named(restarted: readonly { readonly what: string }[]): string {
  const shown = restarted.slice(0, NAMED).map((one) => one.what)
  return shown.join('; ') + (restarted.length > NAMED ? ` and ${restarted.length - NAMED} more` : '')
}

function restartOf(earlier: readonly Unit[], now: Unit): string | undefined {
  const was = earlier.find((unit) => unit.id === now.id)
  if (was === undefined || now.restarts === null || was.restarts === null) return undefined
  if (now.restarts > was.restarts) return `${now.id} was restarted (${was.restarts} → ${now.restarts} restarts)`
  // A one-shot job of a timer gets a new process each time it runs; only services that stay up are held to theirs.
  const stayed = isRunning(was) && isRunning(now) && now.type !== 'oneshot'
  return stayed && was.mainPid !== now.mainPid
    ? `${now.id} has a new main process (${was.mainPid} → ${now.mainPid})`
    : undefined
}

function isRunning(unit: Unit): boolean {
  return unit.active === 'active' && unit.sub === 'running'
}

function result(outcome: CheckResult['outcome'], actual: string): CheckResult {
  return { id: steady.id, kind: 'builtin', outcome, expected: 'no service restarts between two rounds', actual }
}
