import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { readLines } from './read-lines'
import { linesOf } from './text'

/** Name servers the host asks, in their order. Source: resolv.conf(5). */
export const resolvers: Fact<readonly string[]> = {
  id: 'resolvers',
  sh: readLines('/etc/resolv.conf'),
  cap: 65_536,
  parse: onSuccess((out) => {
    const named = linesOf(out).map(
      (line) => /^\s*nameserver\s+([0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._-]{1,32})?)\s*$/.exec(line)?.[1],
    )
    return ok([...new Set(named.filter((address) => address !== undefined))])
  }),
}
