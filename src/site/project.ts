import type { MaintenanceFile } from '../config/schema'
import type { RunRecord } from '../report/run-record'
import { activeRun } from './active-run'
import { componentsOf, isInWork } from './components'
import { disclosedOf, shortText } from './disclosed'
import { maintenanceId } from './marks'
import { pastRun } from './past-run'
import type { ActiveRun, Component, Maintenance, PastRun, SiteState } from './state'
import { upcomingOf } from './upcoming'

/** As many ended runs are kept; older ones stay in the history of the branch. */
const HISTORY_KEPT = 100
/** A run that told nothing for so long is taken for dead. */
const SILENT_MS = 2 * 3_600_000
/** While a run goes on the page has a word of it at least this often; it says so after twice the time (`script.ts`). */
export const WORD_MS = 300_000

export interface SiteInput {
  readonly file: MaintenanceFile
  readonly record: RunRecord
  /** What earlier runs left; null: this is the first one. */
  readonly stored: SiteState | null
  readonly now: Date
}

/** The state of the status page after what is known of this run. Pure; called again it gives the same. */
export function projectSite(input: SiteInput): SiteState {
  const { file, stored, now } = input
  const named = { ...file, name: shortText(file.name) }
  const own = maintenanceId(file.file)
  const before = stored?.maintenances.find(({ id }) => id === own)
  const mine = maintenanceOf({ ...input, file: named }, before)
  const others = (stored?.maintenances ?? []).filter(({ id }) => id !== own)
  const past = pastRun(named, input.record)
  const dead = (before?.active ?? []).filter((run) => isDead(run, input)).map((run) => interrupted(run, named, own))
  const known = (stored?.history ?? []).filter(({ run }) => run !== input.record.id)
  const history = [...(past === null ? [] : [past]), ...dead, ...known]
  return {
    version: 1,
    updatedAt: now.toISOString(),
    maintenances: [...others, mine].sort((a, b) => (a.title < b.title ? -1 : 1)),
    history: history.sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt)).slice(0, HISTORY_KEPT),
  }
}

/**
 * Whether a visitor would see another page: the time of the update alone changes nothing, until the page would soon say
 * that nothing was heard of a run.
 */
export function isSameState(a: SiteState | null, b: SiteState): boolean {
  if (a === null) return false
  return JSON.stringify(comparable(a)) === JSON.stringify(comparable(b)) && !isWordDue(a, b)
}

function isWordDue(a: SiteState, b: SiteState): boolean {
  const before = new Map(a.maintenances.flatMap((m) => m.active.map((run) => [run.run, run.seenAt] as const)))
  return b.maintenances
    .flatMap((m) => m.active)
    .some(({ run, seenAt }) => Date.parse(seenAt) - Date.parse(before.get(run) ?? seenAt) >= WORD_MS)
}

function comparable(state: SiteState): unknown {
  const maintenances = state.maintenances.map((m) => ({
    ...m,
    active: m.active.map((run) => ({ ...run, seenAt: '' })),
  }))
  return { ...state, updatedAt: '', maintenances }
}

function maintenanceOf(input: SiteInput, before: Maintenance | undefined): Maintenance {
  const { file, record, now } = input
  const active = activeRun(file, record, now)
  const alive = (before?.active ?? []).filter((run) => !isDead(run, input))
  const others = alive.filter(({ run }) => run !== record.id)
  return {
    id: maintenanceId(file.file),
    title: file.name,
    components: componentsOf(file, record, settled(before, alive), workedBy(others)),
    active: [...others, ...(active === null ? [] : [active])],
    upcoming: upcomingOf(file, now, before?.upcoming ?? []),
  }
}

/** What a dead run left as being worked on is confirmed by nobody. */
function settled(before: Maintenance | undefined, alive: readonly ActiveRun[]): Component[] {
  const worked = workedBy(alive)
  return (before?.components ?? []).map((component) =>
    worked.has(component.name) || !isInWork(component) ? component : { ...component, verifiedAt: null },
  )
}

function workedBy(runs: readonly ActiveRun[]): ReadonlySet<string> {
  return new Set(runs.flatMap((run) => run.components))
}

/** Another run of the same file that is silent for long, or whose hosts this run has taken over by their leases. */
function isDead(run: ActiveRun, { file, record, now }: SiteInput): boolean {
  if (run.run === record.id) return false
  if (now.getTime() - Date.parse(run.seenAt) > SILENT_MS) return true
  const { componentOf } = disclosedOf(file)
  return [...record.hosts.values()].some(
    (host) => host.stages.size > 0 && run.components.includes(componentOf(host.facts.group)),
  )
}

function interrupted(run: ActiveRun, file: MaintenanceFile, maintenance: string): PastRun {
  return {
    run: run.run,
    maintenance,
    title: file.name,
    verdict: 'interrupted',
    startedAt: run.startedAt,
    verifiedAt: null,
    endedAt: null,
    downtimeMs: null,
    tallies: [],
    notLive: [],
  }
}
