import type { Facts } from '../../facts/fact'
import { failedUnits } from '../../facts/failed-units'
import { listenerKey, listeners } from '../../facts/listeners'
import type { CheckResult } from '../check'

/** What a journal is asked for: a unit, or every message of a process by its name. */
export interface JournalOf {
  readonly by: 'unit' | 'process'
  readonly name: string
}

const UNIT_NAME = /^[A-Za-z0-9:_.\\@-]{1,255}$/
/** Units of one check: a check on all units may name hundreds. */
const MOST_UNITS = 3

/** Whose messages say why a check failed; empty: it belongs to no unit. Pure. */
export function journalsOf(
  { id, kind }: Pick<CheckResult, 'id' | 'kind'>,
  baseline: Facts | undefined,
  now: Facts,
): readonly JournalOf[] {
  const key = id.slice(id.indexOf(':') + 1)
  if (kind === 'unit' || kind === 'timer' || kind === 'service') return unitsNamed([key])
  if (kind === 'port') return processBehind(key, baseline, now)
  if (id !== 'builtin:units') return []
  const before = new Set(baseline?.or(failedUnits, []) ?? [])
  return unitsNamed(now.or(failedUnits, []).filter((name) => !before.has(name)))
}

function unitsNamed(names: readonly string[]): readonly JournalOf[] {
  return names
    .filter((name) => UNIT_NAME.test(name))
    .slice(0, MOST_UNITS)
    .map((name) => ({ by: 'unit', name }))
}

/** Who listened before: what took its port since then says nothing of why it is gone. */
function processBehind(key: string, baseline: Facts | undefined, now: Facts): readonly JournalOf[] {
  const of = (facts: Facts | undefined) =>
    facts?.or(listeners, { items: [], ephemeralFrom: 0 }).items.find((one) => listenerKey(one) === key)?.process
  const name = of(baseline) ?? of(now) ?? null
  return name === null || name === '' ? [] : [{ by: 'process', name }]
}
