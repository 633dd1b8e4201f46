import type { CheckResult } from '../checks/check'
import type { FirewallState } from '../facts/firewall-state'
import { result } from './side-by-side'

/**
 * A firewall that filtered has to filter, and one that dropped by default has to do so: other rules (those of containers)
 * do not stand in for it. Chains that are gone are told.
 */
export function compareFirewall(before: FirewallState, now: FirewallState): CheckResult[] {
  if (!before.active && !now.active) return []
  const [was, is] = [before, now].map(describe)
  const check = (outcome: CheckResult['outcome']) => result('firewall:input', outcome, was ?? '', is ?? '')
  if (!before.active) return [check('warn')]
  if (!now.active || (drops(before) && !drops(now))) return [check('fail')]
  const names = new Set(now.chains.map((chain) => chain.name))
  return [check(before.chains.every((chain) => names.has(chain.name)) ? 'pass' : 'warn')]
}

function drops(state: FirewallState): boolean {
  return state.chains.some((chain) => chain.policy === 'drop')
}

function describe(state: FirewallState): string {
  if (!state.active) return 'no firewall is active'
  return state.chains.map((chain) => `${chain.name} (policy ${chain.policy}, ${chain.rules} rules)`).join(', ')
}
