import { expect, test } from 'vitest'
import type { EventBody } from '../../../src/journal/event'
import { reportOf } from '../../../src/report/report'
import { reportSchema } from '../../../src/report/report-schema'
import { recordOf } from '../../../src/report/run-record'
import { hostFacts, recording, runFacts } from './recording'

type Entry = readonly [number, string | null, EventBody]
const begun: Entry = [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }]
const hostEnded = (verdict: 'live' | 'held' | 'untouched' | 'unreachable' | 'rolled-back'): EventBody => ({
  type: 'host.ended',
  verdict,
  reason: 'x',
  rule: null,
  lastMaintained: null,
  nextDue: null,
  overrun: false,
})
const runEnded: EventBody = { type: 'run.ended', verdict: 'live', reason: 'none', sentence: 'All hosts are live.' }

function report(...entries: Entry[]) {
  const made = reportOf(recordOf(recording(...entries)))
  expect(reportSchema.safeParse(made).error).toBeUndefined()
  return made
}
function host(...entries: Entry[]) {
  const [first] = report(begun, ...entries).hosts
  if (first === undefined) throw new Error('no host in the report')
  return first
}
const drainStep = (disruptive = true): EventBody => ({
  type: 'step.begun',
  stage: 'drain',
  step: 'out',
  title: 'Take web-1 out',
  disruptive,
})
const drainEnd = (outcome: 'done' | 'unchanged'): EventBody => ({
  type: 'step.ended',
  stage: 'drain',
  step: 'out',
  title: 'Take web-1 out',
  outcome,
  exitCode: 0,
  durationMs: 1000,
  log: '',
})
const traffic = (state: 'in' | 'out' | 'unknown', act: 'drained' | 'undrained' | 'read'): EventBody => ({
  type: 'traffic',
  state,
  act,
})
const reboot: EventBody = { type: 'reboot.ordered', bootId: 'b1' }

test('a refused run without a readable file has no hosts and null for what does not exist', () => {
  expect(report([0, null, { type: 'run.ended', verdict: 'refused', reason: 'file', sentence: 'x' }])).toEqual({
    version: 1,
    run: {
      id: 'r1',
      verdict: 'refused',
      reason: 'file',
      mode: null,
      configHash: null,
      planHash: null,
      startedAt: '2026-11-22T02:00:00.000Z',
      endedAt: '2026-11-22T02:00:00.000Z',
      url: null,
      actor: null,
      overrides: [],
    },
    hosts: [],
  })
})

test('a host nobody touched has all seven stages, skipped, and no downtime', () => {
  const untouched = host([1, 'web-1', hostEnded('untouched')], [2, null, runEnded])
  expect(untouched.stages.map((s) => [s.name, s.outcome, s.startedAt, s.durationMs, s.steps.length])).toEqual(
    ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive'].map((name) => [
      name,
      'skipped',
      null,
      null,
      0,
    ]),
  )
  expect(untouched).toMatchObject({
    downtimeMs: 0,
    touched: false,
    reboot: { needed: 'unknown', done: false, bootIdBefore: null, bootIdAfter: null },
    baseline: null,
    after: null,
  })
})

test('downtime is from the first drain act to the traffic read back as in', () => {
  const live = host(
    [10, 'web-1', drainStep()],
    [11, 'web-1', drainEnd('done')],
    [12, 'web-1', traffic('out', 'drained')],
    [70, 'web-1', traffic('in', 'undrained')],
    [75, 'web-1', traffic('in', 'read')],
    [130, 'web-1', hostEnded('live')],
  )
  expect(live.downtimeMs).toBe(60_000)
})

test('downtime of a held host lasts to its end', () => {
  expect(host([10, 'web-1', drainStep()], [100, 'web-1', hostEnded('held')]).downtimeMs).toBe(90_000)
})

test('downtime of a host that was in for a moment and is held lasts to its end', () => {
  expect(
    host(
      [10, 'web-1', drainStep()],
      [50, 'web-1', traffic('in', 'undrained')],
      [60, 'web-1', traffic('out', 'drained')],
      [100, 'web-1', hostEnded('held')],
    ).downtimeMs,
  ).toBe(90_000)
})

test('downtime counts again when a load balancer forgot the drain', () => {
  const entries: Entry[] = [
    [10, 'web-1', drainStep()],
    [20, 'web-1', traffic('in', 'read')],
    [21, 'web-1', traffic('out', 'drained')],
    [80, 'web-1', traffic('in', 'undrained')],
    [90, 'web-1', hostEnded('live')],
  ]
  expect(host(...entries).downtimeMs).toBe(70_000)
})

test('an unknown traffic state is not back', () => {
  const entries: Entry[] = [
    [10, 'web-1', drainStep()],
    [20, 'web-1', traffic('in', 'read')],
    [25, 'web-1', traffic('unknown', 'read')],
    [90, 'web-1', hostEnded('live')],
  ]
  expect(host(...entries).downtimeMs).toBe(80_000)
})

test('a drain step that found nothing to do is no downtime', () => {
  expect(
    host([10, 'web-1', drainStep()], [11, 'web-1', drainEnd('unchanged')], [90, 'web-1', hostEnded('live')]).downtimeMs,
  ).toBe(0)
})

test('traffic read as in before the drain does not count as back', () => {
  expect(
    host(
      [5, 'web-1', traffic('in', 'read')],
      [10, 'web-1', drainStep()],
      [40, 'web-1', traffic('in', 'undrained')],
      [90, 'web-1', hostEnded('live')],
    ).downtimeMs,
  ).toBe(30_000)
})

test('downtime of a host without a drain is from the reboot order to the open gate', () => {
  const entries: Entry[] = [
    [10, 'web-1', drainStep(false)],
    [20, 'web-1', reboot],
    [50, 'web-1', { type: 'gate', open: true, reason: 'all pass' }],
    [90, 'web-1', hostEnded('live')],
  ]
  expect(host(...entries).downtimeMs).toBe(30_000)
})

test('a stage that begins again after a rollback adds up its time and keeps its steps', () => {
  const step = (id: string): EventBody => ({
    type: 'step.ended',
    stage: 'update',
    step: id,
    title: id,
    outcome: 'done',
    exitCode: 0,
    durationMs: 5,
    log: 'tail',
  })
  const update = host(
    [10, 'web-1', { type: 'stage.begun', stage: 'update' }],
    [11, 'web-1', step('a')],
    [20, 'web-1', { type: 'stage.ended', stage: 'update', outcome: 'failed', reason: 'one failed' }],
    [30, 'web-1', { type: 'stage.begun', stage: 'update' }],
    [31, 'web-1', step('a')],
    [35, 'web-1', { type: 'stage.ended', stage: 'update', outcome: 'done', reason: null }],
    [90, 'web-1', hostEnded('rolled-back')],
  ).stages[4]
  expect(update).toMatchObject({
    outcome: 'done',
    reason: null,
    startedAt: '2026-11-22T02:00:10.000Z',
    durationMs: 15_000,
  })
  expect(update?.steps).toEqual([
    { id: 'a', title: 'a', outcome: 'done', exitCode: 0, durationMs: 5, log: 'tail' },
    { id: 'a', title: 'a', outcome: 'done', exitCode: 0, durationMs: 5, log: 'tail' },
  ])
})

test('a run that was cut is failed; what was open is interrupted, its durations unknown', () => {
  const cut = report(
    begun,
    [10, 'web-1', { type: 'admitted' }],
    [11, 'web-1', { type: 'stage.begun', stage: 'drain' }],
    [12, 'web-1', drainStep()],
  )
  expect(cut.run).toMatchObject({ verdict: 'failed', reason: 'none', endedAt: '2026-11-22T02:00:12.000Z' })
  expect(cut.hosts[0]).toMatchObject({
    verdict: 'held',
    reason: 'The run ended in drain, before this host had a verdict.',
  })
  expect(cut.hosts[0]?.stages[2]).toEqual({
    name: 'drain',
    outcome: 'interrupted',
    reason: null,
    startedAt: '2026-11-22T02:00:11.000Z',
    durationMs: null,
    steps: [
      { id: 'out', title: 'Take web-1 out', outcome: 'interrupted', exitCode: null, durationMs: null, log: null },
    ],
  })
})

test('a host that was not admitted when the run was cut is untouched', () => {
  expect(host([11, 'web-1', { type: 'stage.begun', stage: 'prepare' }]).verdict).toBe('untouched')
})

test('a package that was rolled back to where it was has not changed', () => {
  const changes = (from: string | null, to: string | null, name = 'nginx'): EventBody => ({
    type: 'observed',
    stage: 'update',
    what: { kind: 'packages', changes: [{ name, from, to, security: from === '1' }] },
  })
  expect(host([1, 'web-1', changes('1', '2')], [2, 'web-1', changes('2', '3')]).packages).toEqual([
    { name: 'nginx', from: '1', to: '3', security: true },
  ])
  expect(
    host([1, 'web-1', changes('1', '2')], [2, 'web-1', changes('2', '1')], [3, 'web-1', changes(null, '5', 'curl')])
      .packages,
  ).toEqual([{ name: 'curl', from: null, to: '5', security: false }])
})

test('of a check the last result of each time counts', () => {
  const seen = (when: 'monitor' | 'verify', outcome: 'pass' | 'fail'): EventBody => ({
    type: 'observed',
    stage: 'verify',
    what: { kind: 'check', when, check: { id: 'http:x', kind: 'http', outcome, expected: '200', actual: outcome } },
  })
  const { checks } = host(
    [1, 'web-1', seen('monitor', 'pass')],
    [2, 'web-1', seen('verify', 'fail')],
    [3, 'web-1', seen('verify', 'pass')],
  )
  expect(checks.map((c) => [c.when, c.outcome])).toEqual([
    ['monitor', 'pass'],
    ['verify', 'pass'],
  ])
})

test('a backup is proved at the time its proof was seen, or never', () => {
  const backup = (id: string, proved: boolean): EventBody => ({
    type: 'observed',
    stage: 'prepare',
    what: { kind: 'backup', id, proved, restoreWith: 'tar -x' },
  })
  expect(
    host([1, 'web-1', backup('etc', false)], [2, 'web-1', backup('etc', true)], [3, 'web-1', backup('www', false)])
      .backups,
  ).toEqual([
    { id: 'etc', provedAt: '2026-11-22T02:00:02.000Z', restoreWith: 'tar -x' },
    { id: 'www', provedAt: null, restoreWith: 'tar -x' },
  ])
})

test('a reboot that was ordered and not seen through is not done', () => {
  expect(host([1, 'web-1', reboot]).reboot).toEqual({
    needed: 'unknown',
    done: false,
    bootIdBefore: 'b1',
    bootIdAfter: null,
  })
})

test('events that are read twice change nothing', () => {
  const events = recording(
    begun,
    [1, 'web-1', { type: 'observed', stage: 'monitor', what: { kind: 'packages', changes: [] } }],
    [2, 'web-1', { type: 'warning', sentence: 'w' }],
  )
  expect(recordOf([...events, ...events])).toEqual(recordOf(events))
})

test('a helper has no place among the hosts', () => {
  expect(report(begun, [1, 'lb-1', { type: 'connected', rights: 'root', reconnect: false }]).hosts).toHaveLength(1)
})

test('a stage that never began is skipped, whatever is done in its name: a host is held in the name of verify', () => {
  const entries: Entry[] = [
    [10, 'web-1', { type: 'stage.begun', stage: 'update' }],
    [20, 'web-1', { type: 'stage.ended', stage: 'update', outcome: 'failed', reason: 'app: exit code 1' }],
    [21, 'web-1', { type: 'step.begun', stage: 'verify', step: 'state', title: 'Write the state', disruptive: false }],
    [30, 'web-1', hostEnded('held')],
  ]
  const stages = host(...entries).stages
  expect(stages[4]).toMatchObject({ name: 'update', outcome: 'failed' })
  expect(stages[5]).toMatchObject({ name: 'verify', outcome: 'skipped', startedAt: null, durationMs: null })
  expect(stages[5]?.steps).toHaveLength(1)
})
