import type { CheckResult } from '../checks/check'
import type { Fact, Facts } from '../facts/fact'

/**
 * One fact before and after. Unknown both times: not applicable, `skipped`. Known before and not now: `unknown`, which shuts
 * the gate. Known only now: there is nothing to compare with, which is told as a warning.
 */
export function sideBySide<T>(
  baseline: Facts,
  after: Facts,
  fact: Fact<T>,
  judge: (before: T, now: T) => readonly CheckResult[],
): readonly CheckResult[] {
  const before = baseline.get(fact)
  const now = after.get(fact)
  if (before.ok && now.ok) return judge(before.value, now.value)
  const whole = (outcome: CheckResult['outcome'], actual: string): CheckResult[] => [
    { id: `compare:${fact.id}`, kind: 'compare', outcome, expected: 'as before the maintenance', actual },
  ]
  if (before.ok) return whole('unknown', now.ok ? '' : now.why)
  return now.ok ? whole('warn', `not known before: ${before.why}`) : whole('skipped', now.why)
}

/** A result with the kind taken from its id, as ids are `<kind>:<key>`. */
export function result(id: string, outcome: CheckResult['outcome'], expected: string, actual: string): CheckResult {
  return { id, kind: id.slice(0, id.indexOf(':')), outcome, expected, actual }
}
