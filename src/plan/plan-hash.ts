import { createHash } from 'node:crypto'
import type { Plan } from './plan'

/**
 * sha256 over what would be done. When and where it was planned, the age of package lists, and what stands against a host at
 * this moment, in words and measures that change by the second, are no part of it.
 */
export function planHash(plan: Plan): string {
  const { madeAt: _, admission: __, warnings: ___, hosts, ...rest } = plan
  const lasting = {
    ...rest,
    hosts: hosts.map(
      ({ listsAgeSeconds: _age, stops: _stops, notes: _notes, why: _why, remedy: _remedy, ...host }) => host,
    ),
  }
  return createHash('sha256').update(JSON.stringify(lasting)).digest('hex')
}
