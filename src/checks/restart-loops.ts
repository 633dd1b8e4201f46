import type { Facts } from '../facts/fact'
import { type Unit, units } from '../facts/units'
import { uptime } from '../facts/uptime'

/** Restarts by systemd, the last of them in this time before the look, are a loop; one alone may be an accident. */
const LEAST_RESTARTS = 2
const LATELY_S = 600

/** Services that did not stay up before the maintenance either: what they do now is told, and is no fault of it. */
export function loopedBefore(baseline: Facts | undefined): ReadonlySet<string> {
  const read = baseline?.get(units)
  if (baseline === undefined || !read?.ok) return new Set()
  const up = baseline.get(uptime)
  const now = up.ok ? up.value.seconds : null
  return new Set(read.value.filter((unit) => isLooping(unit, now)).map((unit) => unit.id))
}

/** A unit that lives some seconds between its deaths is nearly always `running` at the moment of a look. */
function isLooping(unit: Unit, upSeconds: number | null): boolean {
  if (unit.sub === 'auto-restart' || unit.sub === 'failed') return true
  const startedAt = unit.activeAtS ?? null
  if (upSeconds === null || startedAt === null || (unit.restarts ?? 0) < LEAST_RESTARTS) return false
  return upSeconds - startedAt < LATELY_S
}
