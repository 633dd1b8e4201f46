import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { decimal, linesOf } from './text'

/** Maintenances of a host whose durations are kept. */
export const KEPT_DURATIONS = 50

/** Beside the state: one line a maintenance that ended well, oldest first, in milliseconds from admission to verdict. */
export const durationsFile = (stateDir: string) => `${stateDir}/durations`

/** How long the maintenances of this host took. A host that knows none has an empty list; lines that are no number are left out. */
export function pastDurations(stateDir: string): Fact<readonly number[]> {
  const path = durationsFile(stateDir)
  return {
    id: 'past-durations',
    sh: sh`[ -f ${path} ] && [ -r ${path} ] || exit 0; tail -n ${KEPT_DURATIONS} ${path}`,
    cap: 4_096,
    parse: onSuccess((out) => ok(linesOf(out).flatMap((line) => decimal(line) ?? []))),
  }
}

/** The 95th percentile by nearest rank, in the unit of the values; null for none. */
export function percentile95(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? null
}
