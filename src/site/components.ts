import { overdueOf } from '../config/interval'
import type { MaintenanceFile, WindowConfig } from '../config/schema'
import type { HostRecord } from '../report/host-record'
import type { RunRecord } from '../report/run-record'
import { type Disclosed, disclosedOf } from './disclosed'
import { hostMark } from './marks'
import { currentStage } from './stage-now'
import type { Component, ComponentState } from './state'

export function isInWork(component: Component): boolean {
  return component.state === 'maintenance' || component.state === 'verifying'
}

interface Draft {
  readonly name: string
  readonly marks: Set<string>
  readonly hosts: HostRecord[]
  /** Of each of its groups. */
  readonly windows: (readonly WindowConfig[])[]
}

/**
 * The state of each component: what earlier runs left, with what this run did laid over it. A host whose state nothing
 * tells keeps what was known of it; a component that no verification ever confirmed is `unknown`.
 */
export function componentsOf(
  file: MaintenanceFile,
  record: RunRecord,
  before: readonly Component[],
  ofOthers: ReadonlySet<string>,
): Component[] {
  const shown = disclosedOf(file)
  const known = new Map(before.map((component) => [component.name, component]))
  return drafts(file, record, shown).map((draft) => {
    const was = known.get(draft.name)
    const settled = settle(file, draft, was, record.end !== null)
    // Another run works there, and this one does not: its word stands.
    const now =
      was && isInWork(was) && settled.busy === 0 && ofOthers.has(was.name) ? { ...settled, state: was.state } : settled
    const told = isOverdue(draft, now.verifiedAt, record.lastAt) ? { ...now, overdue: true } : now
    return withSince(shown.counts ? told : withoutCounts(told), was, record.lastAt)
  })
}

function drafts(file: MaintenanceFile, record: RunRecord, shown: Disclosed): Draft[] {
  const drafts = new Map<string, Draft>()
  for (const group of file.groups.values()) {
    const name = shown.componentOf(group.name)
    const draft = drafts.get(name) ?? { name, marks: new Set(), hosts: [], windows: [] }
    draft.windows.push(file.hosts.get(group.hosts[0] ?? '')?.window ?? [])
    for (const host of group.hosts) {
      draft.marks.add(hostMark(file.file, host))
      const worked = record.hosts.get(host)
      if (worked !== undefined) draft.hosts.push(worked)
    }
    drafts.set(name, draft)
  }
  return [...drafts.values()]
}

function settle(file: MaintenanceFile, draft: Draft, before: Component | undefined, ended: boolean): Component {
  const held = new Set(before?.held.filter((mark) => draft.marks.has(mark)))
  const lost = new Set(before?.lost.filter((mark) => draft.marks.has(mark)))
  let verifiedAt = before?.verifiedAt ?? null
  const work: ComponentState[] = []
  for (const host of draft.hosts) {
    const mark = hostMark(file.file, host.facts.name)
    const is = standing(host, ended)
    if (is === 'kept') continue
    held.delete(mark)
    lost.delete(mark)
    if (is === 'held') held.add(mark)
    else if (is === 'lost') lost.add(mark)
    else if (is === 'well') verifiedAt = later(verifiedAt, host.end?.at ?? null)
    else work.push(is)
  }
  const state = stateOf(held.size, work, lost.size, verifiedAt)
  return {
    name: draft.name,
    state,
    since: null,
    verifiedAt,
    hosts: draft.marks.size,
    busy: work.length,
    waiting: held.size,
    held: [...held].sort(),
    lost: [...lost].sort(),
  }
}

/** By the last verification that is known, and by what each host of this run remembers. */
function isOverdue({ windows, hosts }: Draft, verifiedAt: string | null, at: string | null): boolean {
  if (at === null) return false
  const last = hosts.flatMap(({ end }) => (end === null || end.verdict === 'live' ? [] : (end.lastMaintained ?? [])))
  return [verifiedAt, ...last].some((time) => windows.every((one) => overdueOf(one, time, new Date(at)) !== null))
}

type Standing = 'well' | 'held' | 'lost' | 'kept' | 'maintenance' | 'verifying'

/** Nothing was done to it because its users were not served already, or nobody could say: it is not called well for that. */
function isFoundOut({ end }: HostRecord): boolean {
  const rule = end?.rule ?? null
  const isTraffic = rule?.name === 'stages.drain.traffic' && (rule.value === 'out' || rule.value === 'unknown')
  return isTraffic || rule?.name === 'stages.monitor.broken'
}

/** What this run tells about one host; `kept`: nothing, so what was known before still holds. */
function standing(host: HostRecord, runEnded: boolean): Standing {
  const verdict = host.end?.verdict ?? null
  if (verdict === 'live' || verdict === 'rolled-back') return 'well'
  if (verdict === 'untouched') return isFoundOut(host) ? 'lost' : 'kept'
  if (verdict === 'held') return 'held'
  if (verdict === 'unreachable') return host.admitted ? 'held' : 'lost'
  const inWork = host.admitted || host.touched
  // A run that ended without a word on a host it had begun leaves somebody to look at it.
  if (runEnded) return inWork ? 'held' : 'kept'
  const stage = currentStage(host)
  if (stage === 'verify' || stage === 'golive') return 'verifying'
  return inWork ? 'maintenance' : 'kept'
}

function stateOf(held: number, work: readonly string[], lost: number, verifiedAt: string | null): ComponentState {
  if (held > 0) return 'attention'
  if (work.includes('maintenance')) return 'maintenance'
  if (work.length > 0) return 'verifying'
  if (lost > 0) return 'unknown'
  return verifiedAt === null ? 'unknown' : 'operational'
}

function withSince(now: Component, before: Component | undefined, at: string | null): Component {
  return { ...now, since: before?.state === now.state ? before.since : at }
}

function withoutCounts(component: Component): Component {
  return { ...component, hosts: null, busy: null, waiting: null }
}

function later(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b
  return Date.parse(a) > Date.parse(b) ? a : b
}
