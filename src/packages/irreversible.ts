import type { Observation, StageInput } from '../stages/stage'
import { transactionOf } from './facts'
import { keptFor, parseKept } from './kept-packages'

/** Which packages have no way back, said while nothing is disturbed yet. */
export function irreversible(x: StageInput): readonly Observation[] {
  const transaction = transactionOf(x.facts)
  const result = x.results.get('prepare/packages.keep')
  if (!transaction.ok || result === undefined) return []
  const kept = parseKept(result)
  const without = transaction.value.upgrades.filter((u) => u.from !== null && keptFor(u, kept) === undefined)
  if (without.length === 0) return []
  return [
    {
      kind: 'finding',
      what: `The installed version of ${without.length} packages can no longer be had, so the update cannot be rolled back`,
      severity: x.host.rollout.on_failure === 'rollback' ? 'warn' : 'info',
      advice: 'Keep a mirror or a snapshot of the host where a way back is needed',
    },
  ]
}
