import type { MaintenanceFile } from '../config/schema'
import type { HostVerdict } from '../journal/event'
import { downtimeMs } from '../report/downtime'
import type { HostEnd, HostRecord } from '../report/host-record'
import { hostEnd } from '../report/report'
import type { RunRecord } from '../report/run-record'
import { disclosedOf } from './disclosed'
import { maintenanceId } from './marks'
import type { PastRun, PastVerdict, Tally } from './state'

const MOST_NAMES = 20
/** Components told of in the history of a run: those with a host that is not live come first. */
const MOST_TALLIES = 30

type Ended = { readonly host: HostRecord; readonly end: HostEnd }

/** A run that ended, for the history; null: it did nothing that a visitor could have noticed, or has not ended. */
export function pastRun(file: MaintenanceFile, record: RunRecord): PastRun | null {
  const { end, startedAt, lastAt } = record
  if (end === null || startedAt === null || lastAt === null) return null
  const ends = [...record.hosts.values()].map((host) => ({ host, end: hostEnd(host, lastAt) }))
  if (!ends.some(isNoticed)) return null
  const shown = disclosedOf(file)
  return {
    run: record.id,
    maintenance: maintenanceId(file.file),
    title: file.name,
    verdict: verdictOf(end.verdict, ends),
    startedAt,
    verifiedAt: verifiedAt(ends),
    endedAt: lastAt,
    downtimeMs: shown.counts ? longestDowntime(ends) : null,
    tallies: shown.counts ? tallies(ends, shown.componentOf) : [],
    notLive: shown.names ? notLive(ends) : [],
  }
}

function isNoticed({ host, end }: Ended): boolean {
  return host.admitted || host.touched || end.verdict === 'held' || host.stages.has('golive')
}

function verdictOf(verdict: string, ends: readonly Ended[]): PastVerdict {
  // A recover that settled everything may have left a host as it was: that was not completed.
  if (verdict === 'live' && ends.some((one) => isNoticed(one) && one.end.verdict !== 'live')) return 'partial'
  if (verdict === 'live' || verdict === 'partial' || verdict === 'held') return verdict
  return 'failed'
}

/** The moment the last of the hosts that were worked on had passed; null where one of them has not. */
function verifiedAt(ends: readonly Ended[]): string | null {
  const worked = ends.filter(({ host, end }) => isNoticed({ host, end }) && end.verdict !== 'untouched')
  const passed = worked.filter(({ end }) => end.verdict === 'live' || end.verdict === 'rolled-back')
  if (passed.length === 0 || passed.length < worked.length) return null
  return passed.map(({ end }) => end.at).sort((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null
}

/** null: a host is out still, and nobody knows how long its users will have been without it. */
function longestDowntime(ends: readonly Ended[]): number | null {
  if (ends.some(isStillOut)) return null
  const all = ends.map(({ host, end }) =>
    downtimeMs(host.downtime, end.verdict !== 'held' && end.verdict !== 'unreachable', Date.parse(end.at)),
  )
  return all.reduce((a, b) => Math.max(a, b), 0)
}

function isStillOut({ host, end }: Ended): boolean {
  if (end.verdict !== 'held' && end.verdict !== 'unreachable') return false
  return host.facts.isolation !== 'exposed' && host.downtime.from !== null && host.downtime.backSince === null
}

const COUNTED: Readonly<Record<HostVerdict, 'live' | 'rolledBack' | 'held' | 'untouched' | 'unreachable'>> = {
  live: 'live',
  'rolled-back': 'rolledBack',
  held: 'held',
  untouched: 'untouched',
  unreachable: 'unreachable',
}

function tallies(ends: readonly Ended[], componentOf: (group: string) => string): Tally[] {
  const byName = new Map<string, Tally>()
  for (const { host, end } of ends) {
    const component = componentOf(host.facts.group)
    const tally = byName.get(component) ?? emptyTally(component)
    const key = COUNTED[end.verdict]
    byName.set(component, { ...tally, hosts: tally.hosts + 1, [key]: tally[key] + 1 })
  }
  return [...byName.values()]
    .sort((a, b) => (b.live < b.hosts ? 1 : 0) - (a.live < a.hosts ? 1 : 0))
    .slice(0, MOST_TALLIES)
}

function emptyTally(component: string): Tally {
  return { component, hosts: 0, live: 0, rolledBack: 0, held: 0, untouched: 0, unreachable: 0 }
}

function notLive(ends: readonly Ended[]): PastRun['notLive'] {
  return ends
    .flatMap(({ host, end }) => (end.verdict === 'live' ? [] : [{ name: host.facts.name, verdict: end.verdict }]))
    .slice(0, MOST_NAMES)
}
