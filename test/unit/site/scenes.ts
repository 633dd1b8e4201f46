import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMaintenanceFile } from '../../../src/config/load'
import type { MaintenanceFile } from '../../../src/config/schema'
import type { EventBody, HostVerdict, RunVerdict } from '../../../src/journal/event'
import { STAGES, type StageName } from '../../../src/plan/step'
import { type RunRecord, recordOf } from '../../../src/report/run-record'
import { projectSite } from '../../../src/site/project'
import type { SiteState } from '../../../src/site/state'
import { hostFacts, recording, runFacts } from '../report/recording'

export type Entry = readonly [second: number, host: string | null, body: EventBody]

const FLEET = `version: 1
name: Weekly maintenance
window: { open: "0 2 * * sun", duration: 3h, timezone: UTC, freeze: [2026-12-20/2027-01-03] }
hosts:
  web-1: { address: 192.0.2.11, group: web }
  web-2: { address: 192.0.2.12, group: web }
  web-3: { address: 192.0.2.13, group: web }
  db-1: { address: db-1.internal, group: database }
  mail-1: { address: mail-1.internal, group: mail }
groups:
  database: { window: { open: "0 3 * * sun#1" } }
`

/** A maintenance file as it is read, `more` laid under it. */
export function fileOf(more = '', fleet = FLEET): MaintenanceFile {
  const root = mkdtempSync(join(tmpdir(), 'pitstop-site-'))
  try {
    writeFileSync(join(root, 'maintenance.yml'), `${fleet}${more}`)
    return loadMaintenanceFile('maintenance.yml', { root })
  } finally {
    rmSync(root, { recursive: true })
  }
}

const GROUP_OF: Readonly<Record<string, string>> = { 'db-1': 'database', 'mail-1': 'mail' }

export function begun(...hosts: readonly string[]): Entry {
  const facts = hosts.map((name) => hostFacts(name, { group: GROUP_OF[name] ?? 'web' }))
  return [0, null, { type: 'run.begun', about: runFacts, hosts: facts }]
}

/** A host that comes to `last`, and stays in it where it is `open`; a minute a stage. */
export function through(host: string, last: StageName, options: { open?: boolean; from?: number } = {}): Entry[] {
  const from = options.from ?? 10
  return STAGES.slice(0, STAGES.indexOf(last) + 1).flatMap((stage, i): Entry[] => {
    const at = from + i * 60
    const drained: Entry[] = [
      [at, host, { type: 'admitted' }],
      [at + 5, host, { type: 'traffic', state: 'out', act: 'drained' }],
    ]
    const back: Entry[] = [[at + 5, host, { type: 'traffic', state: 'in', act: 'undrained' }]]
    return [
      [at, host, { type: 'stage.begun', stage }],
      ...(stage === 'drain' ? drained : []),
      ...(stage === 'golive' ? back : []),
      ...(stage === last && options.open
        ? []
        : ([[at + 50, host, { type: 'stage.ended', stage, outcome: 'done', reason: null }]] satisfies Entry[])),
    ]
  })
}

export function ended(
  second: number,
  host: string,
  verdict: HostVerdict,
  reason = 'a sentence with 192.0.2.11',
): Entry {
  const rest = { rule: null, lastMaintained: null, nextDue: null, overrun: false }
  return [second, host, { type: 'host.ended', verdict, reason, ...rest }]
}

export function runEnded(second: number, verdict: RunVerdict): Entry {
  return [second, null, { type: 'run.ended', verdict, reason: 'none', sentence: 'a sentence' }]
}

/** Another run, so many days before START. */
export function runOf(id: string, entries: readonly Entry[], daysBefore = 0): RunRecord {
  const shift = daysBefore * 86_400_000
  const events = recording(...entries).map((event) => ({
    ...event,
    run: id,
    at: new Date(Date.parse(event.at) - shift).toISOString(),
  }))
  return recordOf(events)
}

/** The state after runs, one after the other, each told to its end. */
export function stateAfter(file: MaintenanceFile, ...runs: readonly RunRecord[]): SiteState {
  const state = runs.reduce<SiteState | null>((stored, record) => {
    const now = new Date(Date.parse(record.lastAt ?? '') + 1_000)
    return projectSite({ file, record, stored, now })
  }, null)
  if (state === null) throw new Error('a scene needs a run')
  return state
}

const ALL = ['web-1', 'web-2', 'web-3', 'db-1', 'mail-1']

/** A run in which every host passed, with one that was not needed. */
export function allLive(id: string, daysBefore = 0): RunRecord {
  const live = ALL.flatMap((host, i) => [
    ...through(host, 'golive', { from: 10 + i * 500 }),
    ended(10 + i * 500 + 420, host, 'live'),
  ])
  return runOf(id, [begun(...ALL), ...live, runEnded(2_600, 'live')], daysBefore)
}

const earlier = [allLive('run-1', 21), allLive('run-2', 14)]

/** What people see, by name of the scene. */
export const SCENES: Readonly<Record<string, (file: MaintenanceFile) => SiteState>> = {
  first: (file) => stateAfter(file, runOf('run-0', [begun(...ALL)])),
  'all-live': (file) => stateAfter(file, ...earlier, allLive('run-3')),
  draining: (file) =>
    stateAfter(
      file,
      ...earlier,
      runOf('run-3', [
        begun(...ALL),
        ...through('web-1', 'golive'),
        ended(430, 'web-1', 'live'),
        ...through('web-2', 'drain', { open: true, from: 500 }),
      ]),
    ),
  verifying: (file) =>
    stateAfter(
      file,
      ...earlier,
      runOf('run-3', [
        begun(...ALL),
        ...through('web-1', 'golive'),
        ended(430, 'web-1', 'live'),
        ...through('web-2', 'verify', { open: true, from: 500 }),
      ]),
    ),
  'one-held': (file) =>
    stateAfter(
      file,
      ...earlier,
      runOf('run-3', [
        begun(...ALL),
        ...through('web-1', 'verify'),
        ended(400, 'web-1', 'held'),
        ended(401, 'web-2', 'untouched'),
        ended(401, 'web-3', 'untouched'),
        ended(402, 'db-1', 'unreachable'),
        ended(403, 'mail-1', 'untouched'),
        runEnded(410, 'held'),
      ]),
    ),
  'rolled-back': (file) =>
    stateAfter(
      file,
      ...earlier,
      runOf('run-3', [
        begun('web-1'),
        ...through('web-1', 'golive'),
        ended(430, 'web-1', 'rolled-back'),
        runEnded(440, 'partial'),
      ]),
    ),
  refused: (file) =>
    stateAfter(
      file,
      ...earlier,
      runOf('run-3', [begun(...ALL), ...ALL.map((h) => ended(1, h, 'untouched')), runEnded(2, 'refused')]),
    ),
}
