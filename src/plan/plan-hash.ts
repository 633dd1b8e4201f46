import { createHash } from 'node:crypto'
import type { Plan } from './plan'

/** sha256 over what would be done: the time of planning and the age of package lists are not part of it. */
export function planHash(plan: Plan): string {
  const { madeAt: _, admission: __, hosts, ...rest } = plan
  const lasting = { ...rest, hosts: hosts.map(({ listsAgeSeconds: _age, ...host }) => host) }
  return createHash('sha256').update(JSON.stringify(lasting)).digest('hex')
}
