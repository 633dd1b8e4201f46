import type { Broken } from './broken'
import { TARGETS, type Target } from './scenario'
import type { SceneRecord } from './scene-record'
import type { Request } from './users'
import { type Span, stoppedSpans, unverifiedSpans } from './witness'

/**
 * From a host's first change until checks have passed on it, no request that takes the way of the users is answered by it.
 * Where only services are stopped, verify starts them in view of users: there it is until verify begins (design 1).
 */
export function judgeTraffic(record: SceneRecord): readonly Broken[] {
  return TARGETS.flatMap((name) => {
    const lines = record.afterSecond.get(name)?.witness ?? []
    const spans = record.variant === 'stopped' ? stoppedSpans(lines) : unverifiedSpans(lines)
    const reached = requestsTo(record, name).filter((one) => spans.some((span) => isWithin(one, span)))
    const first = reached[0]
    if (first === undefined) return []
    const sentence = `${reached.length} requests were answered by ${name} while it was changed and not verified: the first at ${first.askedAt.toFixed(2)} with ${first.text}`
    return [{ promise: 'traffic', sentence }]
  })
}

function requestsTo(record: SceneRecord, name: Target): readonly Request[] {
  if (record.variant === 'balancer') return record.seen.through.filter((one) => one.by === name)
  return (record.seen.direct.get(name) ?? []).filter((one) => one.by === name)
}

/** Asked and answered inside: the hosts write hundredths of a second. */
function isWithin(one: Request, span: Span): boolean {
  const margin = 0.02
  return one.askedAt > span.from + margin && one.answeredAt < span.to - margin
}
