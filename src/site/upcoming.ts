import { nextOpening } from '../config/openings'
import type { HostConfig, MaintenanceFile, WindowConfig } from '../config/schema'
import { isFrozen, isSkipped } from '../config/zone'
import { disclosedOf } from './disclosed'
import type { Upcoming } from './state'

const HORIZON_MS = 92 * 86_400_000
const MOST = 5

/** The next maintenance windows of hosts that are not under `skip`, soonest first. Without windows there are none. */
export function upcomingOf(file: MaintenanceFile, now: Date, before: readonly Upcoming[]): Upcoming[] {
  const openings = [...windowsOf(file).values()].flatMap(({ window, hosts }) =>
    nextOpenings(window, now.getTime()).flatMap((from) => {
      const due = hosts.filter((host) => !isSkipped(host.skip, host.window, new Date(from)))
      return due.length === 0 ? [] : [{ from, to: from + window.durationMs, groups: due.map((host) => host.group) }]
    }),
  )
  const shown = disclosedOf(file)
  const bySpan = new Map<string, { from: number; to: number; components: Set<string> }>()
  for (const { from, to, groups } of openings) {
    const span = bySpan.get(`${from}-${to}`) ?? { from, to, components: new Set<string>() }
    for (const group of groups) span.components.add(shown.componentOf(group))
    bySpan.set(`${from}-${to}`, span)
  }
  return [...bySpan.values()]
    .sort((a, b) => a.from - b.from || a.to - b.to)
    .slice(0, MOST)
    .map(({ from, to, components }) =>
      announced(
        { from: iso(from), to: iso(to), announcedAt: now.toISOString(), components: [...components].slice(0, 20) },
        before,
      ),
    )
}

/** What was told before was not changed by being told again. */
function announced(window: Upcoming, before: readonly Upcoming[]): Upcoming {
  const same = before.find(
    (b) => b.from === window.from && b.to === window.to && b.components.join() === window.components.join(),
  )
  return same ?? window
}

interface SharedWindow {
  readonly window: WindowConfig
  readonly hosts: HostConfig[]
}

/** Each window once, with the hosts it holds for: most fleets have one for all. */
function windowsOf(file: MaintenanceFile): Map<string, SharedWindow> {
  const windows = new Map<string, SharedWindow>()
  for (const host of file.hosts.values()) {
    for (const window of host.maintain ? host.window : []) {
      const key = JSON.stringify({ ...window, line: null })
      const shared = windows.get(key) ?? { window, hosts: [] }
      shared.hosts.push(host)
      windows.set(key, shared)
    }
  }
  return windows
}

function nextOpenings(window: WindowConfig, now: number): number[] {
  const openings: number[] = []
  let at: number | null = now
  while (openings.length < MOST) {
    at = nextOpening(window, at, (opening) => !isFrozen(window, opening))
    if (at === null || at > now + HORIZON_MS) break
    openings.push(at)
  }
  return openings
}

const iso = (at: number) => new Date(at).toISOString()
