import { Cron } from 'croner'
import { openingsBetween } from './openings'
import type { GroupConfig, HostConfig, MaintenanceFile, WindowConfig } from './schema'

/** When a workflow starts by itself: `on.schedule` of GitHub, in UTC where no zone is written. */
export interface Tick {
  readonly cron: string
  readonly timezone: string | null
}

const DAY_MS = 86_400_000
/** A year and a month: every opening of a yearly window, summer and winter. */
const AHEAD_MS = 400 * DAY_MS
const MOST_OPENINGS = 500

/**
 * What is to be said where no start of the workflow ever falls into a window: such a run is refused as too early for ever,
 * and green. Days of freeze do not count: they pass. Empty where nothing starts by itself. Pure.
 */
export function unmetWindows(
  file: Pick<MaintenanceFile, 'groups' | 'hosts'>,
  selected: readonly Pick<HostConfig, 'group'>[],
  ticks: readonly Tick[],
  now: Date,
): readonly string[] {
  const clocks = ticks.flatMap((tick) => clockOf(tick) ?? [])
  if (clocks.length === 0) return []
  const chosen = new Set(selected.map(({ group }) => group))
  const unmet = [...file.groups.values()].filter(
    (group) => chosen.has(group.name) && !isMet(windowsOf(file, group), clocks, now),
  )
  if (unmet.length === 0) return []
  const crons = ticks.map(({ cron, timezone }) => `"${cron}" (${timezone ?? 'UTC'})`).join(', ')
  const windows = new Set(unmet.flatMap((group) => windowsOf(file, group).map(windowText)))
  return [
    `the schedule of the workflow, ${crons}, never falls into the window of ${unmet.map(({ name }) => name).join(', ')}: ${[...windows].join('; ')}. Start the workflow within it, or move the window`,
  ]
}

function windowsOf(file: Pick<MaintenanceFile, 'hosts'>, group: GroupConfig): readonly WindowConfig[] {
  return file.hosts.get(group.hosts[0] ?? '')?.window ?? []
}

function windowText({ open, durationMs, timezone }: WindowConfig): string {
  return `"${open}" for ${Math.round(durationMs / 60_000)} min in ${timezone}`
}

/** No window means any time. */
function isMet(windows: readonly WindowConfig[], clocks: readonly Cron[], now: Date): boolean {
  const from = now.getTime()
  if (windows.length === 0) return true
  return windows.some((window) =>
    openingsBetween(window, from, from + AHEAD_MS, MOST_OPENINGS).some((opening) =>
      clocks.some((clock) => {
        const tick = clock.nextRun(new Date(opening - 1))
        return tick !== null && tick.getTime() <= lastAdmission(window, opening)
      }),
    ),
  )
}

function lastAdmission(window: WindowConfig, opening: number): number {
  const late = opening + window.durationMs - window.cutoffMs
  return window.startWithinMs === null ? late : Math.min(late, opening + window.startWithinMs)
}

/** null: a form that is not known here, of which nothing is said. */
function clockOf({ cron, timezone }: Tick): Cron | null {
  try {
    return new Cron(cron, { mode: '5-part', timezone: timezone ?? 'UTC' })
  } catch {
    return null
  }
}
