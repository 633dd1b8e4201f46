import type { Broken } from './broken'
import { STRUCK, TARGETS, type Target } from './scenario'
import type { SceneRecord } from './scene-record'
import type { Span, Witness } from './witness'

/** The file allows one host of the two. What counts is what was done to them: a host that lost its power was not taken out. */
export function judgeBudget(record: SceneRecord): readonly Broken[] {
  return [...bothOutAtBalancer(record), ...bothGated(record), ...followedWhileOut(record)]
}

function bothOutAtBalancer({ variant, seen }: SceneRecord): readonly Broken[] {
  if (variant !== 'balancer') return []
  const both = seen.balancer.filter((look) => look.out.length > 1)
  return both.length === 0
    ? []
    : [
        {
          promise: 'budget',
          sentence: `the balancer had both hosts out at ${both.map((l) => l.at.toFixed(2)).join(' ')}`,
        },
      ]
}

function bothGated({ variant, afterSecond }: SceneRecord): readonly Broken[] {
  if (variant !== 'gate') return []
  const [one = [], other = []] = TARGETS.map((name) => outSpans(afterSecond.get(name)?.witness ?? []))
  const overlap = one.find((a) => other.some((b) => a.from < b.to && b.from < a.to))
  return overlap === undefined
    ? []
    : [{ promise: 'budget', sentence: `both hosts refused their users; the first of them from ${overlap.from}` }]
}

function outSpans(lines: readonly Witness[]): readonly Span[] {
  const spans: Span[] = []
  let from: number | null = null
  for (const { at, what } of lines) {
    if (what === 'traffic.out') from ??= at
    if (what !== 'traffic.in' || from === null) continue
    spans.push({ from, to: at })
    from = null
  }
  return from === null ? spans : [...spans, { from, to: Number.POSITIVE_INFINITY }]
}

const KNOWN_FOR_S = 3

/**
 * The other host is never struck: when it stops serving, a run stopped it. No run may, while the struck host does not
 * serve, unless that one had its verdict `live` before the fault took it away.
 */
function followedWhileOut(record: SceneRecord): readonly Broken[] {
  const struckLate = record.fault?.takesHostAway === true && /^(host\.ended|lease\.released)/.test(record.point ?? '')
  if (struckLate) return []
  const [struck, other] = [STRUCK, TARGETS.find((name) => name !== STRUCK)]
  const stopped = other === undefined ? null : firstOutage(record, other)
  if (stopped === null) return []
  const before = (record.seen.direct.get(struck) ?? []).filter(
    (one) => one.answeredAt > stopped - KNOWN_FOR_S && one.answeredAt < stopped,
  )
  const served = before.some((one) => one.text.startsWith('200'))
  return served || before.length === 0
    ? []
    : [{ promise: 'budget', sentence: `${other} was taken out at ${stopped.toFixed(2)} while ${struck} did not serve` }]
}

/** Refused by the host itself: an answer that only comes late is no outage, on a machine that has much to do. */
function firstOutage(record: SceneRecord, name: Target): number | null {
  const requests = record.seen.direct.get(name) ?? []
  return requests.find((one) => one.text === 'ECONNREFUSED')?.askedAt ?? null
}
