import type { Result } from './result'

const kindOf = (r: Result) => [r.fault, r.point, r.variant].join('\n')

/** The last strike of each fault at each event in each variant. */
export function lastOfEach(strikes: readonly Result[]): readonly Result[] {
  return [...new Map(strikes.map((r) => [kindOf(r), r])).values()]
}

export function brokenStill(strikes: readonly Result[]): readonly Result[] {
  return lastOfEach(strikes).filter((r) => r.broken.length > 0)
}

/** What broke a promise once, and did not in the last strike of its kind. */
export function foundAndMended(strikes: readonly Result[]): readonly Result[] {
  const last = new Set(lastOfEach(strikes))
  const open = new Set(brokenStill(strikes).map(kindOf))
  return strikes.filter((r) => r.broken.length > 0 && !last.has(r) && !open.has(kindOf(r)))
}
