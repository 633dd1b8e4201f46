import { createHash } from 'node:crypto'
import type { Plan } from './plan'

/** sha256 over what would be done: when and where it was planned, warnings and the age of package lists are no part of it. */
export function planHash(plan: Plan): string {
  const { madeAt: _, admission: __, warnings: ___, hosts, ...rest } = plan
  const lasting = { ...rest, hosts: hosts.map(({ listsAgeSeconds: _age, ...host }) => host) }
  return createHash('sha256').update(JSON.stringify(lasting)).digest('hex')
}
