import type { CheckResult } from '../checks/check'
import { loopedBefore } from '../checks/restart-loops'
import type { Facts } from '../facts/fact'
import { firewallState } from '../facts/firewall-state'
import { listeners } from '../facts/listeners'
import { mounts } from '../facts/mounts'
import { resolvers } from '../facts/resolvers'
import { routes } from '../facts/routes'
import { units } from '../facts/units'
import { allowExpected } from './expected-changes'
import { compareFirewall } from './firewall'
import { compareListeners } from './listeners'
import { compareMounts } from './mounts'
import { compareResolvers, compareRoutes } from './network'
import { sideBySide } from './side-by-side'
import { compareUnits, type UnitOptions } from './units'

export interface CompareOptions extends UnitOptions {
  /** Globs on check ids whose change is meant: `port:tcp/*:9100`. */
  readonly expectChanges: readonly string[]
}

/** The host before anything changed against the host now. What differs without being a fault warns. Pure. */
export function compareWithBaseline(baseline: Facts, after: Facts, options: CompareOptions): CheckResult[] {
  const checks = [
    ...sideBySide(baseline, after, units, (before, now) =>
      compareUnits(before, now, { loopedBefore: loopedBefore(baseline), ...options }),
    ),
    ...sideBySide(baseline, after, listeners, compareListeners),
    ...sideBySide(baseline, after, mounts, compareMounts),
    ...sideBySide(baseline, after, routes, compareRoutes),
    ...sideBySide(baseline, after, resolvers, compareResolvers),
    ...sideBySide(baseline, after, firewallState, compareFirewall),
  ]
  return allowExpected(checks, options.expectChanges)
}
