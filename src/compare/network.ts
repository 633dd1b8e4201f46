import type { CheckResult } from '../checks/check'
import type { DefaultRoute } from '../facts/routes'
import { result } from './side-by-side'

/** Each family that had a default route needs one: `route:default`, `route:default-ipv6`. Another gateway is told. */
export function compareRoutes(before: readonly DefaultRoute[], now: readonly DefaultRoute[]): CheckResult[] {
  return ([4, 6] as const).flatMap((family) => {
    const id = family === 4 ? 'route:default' : 'route:default-ipv6'
    const [was, is] = [before, now].map((all) =>
      all
        .filter((route) => route.family === family)
        .map(named)
        .sort(),
    )
    if (was === undefined || is === undefined || was.length + is.length === 0) return []
    if (was.length === 0) return [result(id, 'warn', 'as before: no default route', is.join(', '))]
    if (is.length === 0) return [result(id, 'fail', was.join(', '), 'no default route')]
    return [result(id, was.join() === is.join() ? 'pass' : 'warn', was.join(', '), is.join(', '))]
  })
}

function named(route: DefaultRoute): string {
  return route.gateway === null ? `dev ${route.device}` : `via ${route.gateway} dev ${route.device}`
}

/** Each name server that was asked has to be named still. A new one is told. */
export function compareResolvers(before: readonly string[], now: readonly string[]): CheckResult[] {
  const [was, is] = [new Set(before), new Set(now)]
  const kept = before.map((address) => {
    const isThere = is.has(address)
    return result(
      `resolver:${address}`,
      isThere ? 'pass' : 'fail',
      'a name server of the host',
      isThere ? 'named' : 'not named',
    )
  })
  const fresh = now
    .filter((address) => !was.has(address))
    .map((address) => result(`resolver:${address}`, 'warn', 'as before: not named', 'a name server of the host'))
  return [...kept, ...fresh]
}
