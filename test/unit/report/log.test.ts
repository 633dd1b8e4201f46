import { expect, test } from 'vitest'
import type { Event, EventBody } from '../../../src/journal/event'
import { LiveLog } from '../../../src/report/log'
import { Redactor } from '../../../src/show/redact'
import { RECORDED, recorded } from './recorded'
import { hostFacts, recording, runFacts, START } from './recording'

type Entry = readonly [number, string | null, EventBody]
const stepBegun: EventBody = {
  type: 'step.begun',
  stage: 'update',
  step: 'up',
  title: 'Upgrade 2 packages',
  disruptive: true,
}
const output = (text: string): EventBody => ({ type: 'step.output', stage: 'update', step: 'up', text })
const stepEnded = (outcome: 'done' | 'failed', exitCode: number | null): EventBody => ({
  type: 'step.ended',
  stage: 'update',
  step: 'up',
  title: 'Upgrade 2 packages',
  outcome,
  exitCode,
  durationMs: 4210,
  log: '',
})

function logged(entries: readonly Entry[], more: { groups?: boolean; progressAt?: number[] } = {}): string[] {
  const lines: string[] = []
  const groups = more.groups
    ? { groups: { start: (title: string) => lines.push(`[${title}`), end: () => lines.push(']') } }
    : {}
  const log = new LiveLog(
    { line: (text) => lines.push(text), ...groups },
    new Redactor([{ name: 'S', value: 'hunter2!' }]),
  )
  for (const event of recording(...entries)) log.add(event)
  for (const second of more.progressAt ?? []) log.progress(new Date(START + second * 1000))
  return lines
}

test('the story of a host is told line by line, each with its host', () => {
  expect(
    logged([
      [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1'), hostFacts('web-2')] }],
      [1, null, { type: 'wave.begun', group: 'web', wave: 0, hosts: ['web-1'] }],
      [2, 'web-1', { type: 'connected', rights: 'root', reconnect: false }],
      [3, 'web-1', { type: 'stage.begun', stage: 'update' }],
      [4, 'web-1', stepBegun],
      [5, 'web-1', output('Unpacking nginx\nSetting')],
      [6, 'web-1', output(' up nginx\n')],
      [8, 'web-1', stepEnded('failed', 100)],
      [9, 'web-1', { type: 'gate', open: false, reason: 'http:x failed' }],
      [
        10,
        'web-1',
        {
          type: 'host.ended',
          verdict: 'held',
          reason: 'update failed',
          rule: null,
          lastMaintained: null,
          nextDue: null,
          overrun: false,
        },
      ],
      [11, null, { type: 'run.ended', verdict: 'held', reason: 'none', sentence: '1 host is held.' }],
    ]),
  ).toEqual([
    'Weekly maintenance (maintenance.yml), mode run, 2 hosts, run r1',
    'group web, wave 0 (canary): web-1',
    'web-1 | connected with root rights',
    'web-1 | update: begins',
    'web-1 | update: Upgrade 2 packages',
    'web-1 | Unpacking nginx',
    'web-1 | Setting up nginx',
    'web-1 | update: Upgrade 2 packages: failed, exit code 100 (4.2 s)',
    'web-1 | gate shut: http:x failed',
    'web-1 | held: update failed',
    'held: 1 host is held.',
  ])
})

test('an unknown exit code is said to be unknown', () => {
  expect(logged([[0, 'web-1', stepEnded('failed', null)]])).toEqual([
    'web-1 | update: Upgrade 2 packages: failed, exit code unknown (4.2 s)',
  ])
})

test('the last line of a step is printed also without a line feed', () => {
  expect(
    logged([
      [0, 'web-1', stepBegun],
      [1, 'web-1', output('half a')],
      [2, 'web-1', stepEnded('done', 0)],
    ])[1],
  ).toBe('web-1 | half a')
})

test('H9: output of a host cannot become a command of the runner', () => {
  const lines = logged([
    [0, 'web-1', stepBegun],
    [1, 'web-1', output('::error::x\n##[error]y\rz hunter2!\n')],
  ])
  expect(lines.slice(1)).toEqual(['web-1 | : :error: :x', 'web-1 | # #[error]y', 'web-1 | z ***'])
})

test('H40: a line without end is printed in parts', () => {
  const lines = logged([
    [0, 'web-1', stepBegun],
    [1, 'web-1', output('x'.repeat(5_000))],
    [1, 'web-1', output('x'.repeat(5_000))],
  ])
  expect(lines).toHaveLength(2)
})

test('a step that is quiet for 30 s is told about, and again after another 30 s', () => {
  const lines = logged([[0, 'web-1', stepBegun]], { progressAt: [29, 30, 35, 59, 60] })
  expect(lines.slice(1)).toEqual([
    'web-1 | update: Upgrade 2 packages: still running, for 30 s',
    'web-1 | update: Upgrade 2 packages: still running, for 1 min',
  ])
})

test('a step that speaks or has ended is not told about', () => {
  expect(
    logged(
      [
        [0, 'web-1', stepBegun],
        [20, 'web-1', output('x\n')],
      ],
      { progressAt: [40] },
    ),
  ).toHaveLength(2)
  expect(
    logged(
      [
        [0, 'web-1', stepBegun],
        [20, 'web-1', stepEnded('done', 0)],
      ],
      { progressAt: [100] },
    ),
  ).toHaveLength(2)
})

test('with one host at a time each stage is a group, never one inside another', () => {
  const stage = (name: 'prepare' | 'monitor'): EventBody => ({ type: 'stage.begun', stage: name })
  const lines = logged(
    [
      [0, 'web-1', stage('prepare')],
      [1, 'web-1', stage('monitor')],
      [2, 'web-1', { type: 'stage.ended', stage: 'monitor', outcome: 'done', reason: null }],
    ],
    { groups: true },
  )
  expect(lines).toEqual([
    '[web-1: prepare',
    'web-1 | prepare: begins',
    ']',
    '[web-1: monitor',
    'web-1 | monitor: begins',
    'web-1 | monitor: done',
    ']',
  ])
})

test('the first line names the version', () => {
  const lines: string[] = []
  new LiveLog({ line: (text) => lines.push(text) }, new Redactor([])).hello('1.2.3', '24.1.0')
  expect(lines).toEqual(['Pitstop 1.2.3 on Node 24.1.0'])
})

/** All words that came from hosts, or from commands and paths of the file. */
function wordsOfHosts(events: readonly Event[]): readonly string[] {
  return events.flatMap((event): readonly string[] => {
    if (event.type === 'step.output') return event.text.split('\n').filter((line) => line.trim().length > 3)
    if (event.type === 'step.begun') return [event.title]
    if (event.type === 'gate') return [event.reason]
    if (event.type === 'host.ended' && !event.reason.startsWith('the window')) return [`: ${event.reason}`]
    if (event.type !== 'observed') return []
    const { what } = event
    if (what.kind === 'check') return [what.check.id]
    if (what.kind === 'finding') return [what.what]
    if (what.kind === 'packages' || what.kind === 'pending') return what.changes.map(({ name }) => name)
    return []
  })
}

test.each(RECORDED)('H11: the log of the recorded run %s tells outsiders no word of a host', (name) => {
  const events = recorded(name)
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'counts')
  for (const event of events) log.add(event)
  const told = lines.join('\n')
  expect(wordsOfHosts(events).filter((word) => told.includes(word))).toEqual([])
  expect(lines.at(-1)).toMatch(/^(live|held|partial|refused)/)
})

test('H11: where outsiders read, the log counts, and says so once the file is read', () => {
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'counts')
  log.discloses('counts')
  const entries: Entry[] = [
    [3, 'web-1', { type: 'stage.begun', stage: 'update' }],
    [4, 'web-1', stepBegun],
    [5, 'web-1', output('Unpacking nginx\n')],
    [8, 'web-1', stepEnded('failed', 100)],
    [9, 'web-1', { type: 'round', stage: 'verify', number: 2, failing: ['http:x', 'unit:y'] }],
    [9, 'web-1', { type: 'gate', open: false, reason: 'http:x failed' }],
    [9, 'web-1', { type: 'warning', sentence: '192.0.2.11 said no' }],
  ]
  for (const event of recording(...entries)) log.add(event)
  expect(lines).toEqual([
    'Outsiders may read this log: it tells stages, verdicts and counts (announce.disclose: counts). Everything else is in the report folder.',
    'web-1 | update: begins',
    'web-1 | update: a step: failed, exit code 100',
    'web-1 | verify: checks, round 2: 2 not yet',
    'web-1 | gate shut',
    'web-1 | a warning, in the journal',
  ])
})

test('H11: a step that is quiet is told to outsiders without its title', () => {
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'counts')
  for (const event of recording([4, 'web-1', stepBegun])) log.add(event)
  log.progress(new Date(START + 60_000))
  expect(lines).toEqual(['web-1 | update: still running, for 56 s'])
})

test('H11: with `disclose: none` a log has the run, its verdict and who was told', () => {
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'none')
  for (const event of recorded('one-held')) log.add(event)
  for (const event of recording([1, null, { type: 'told', who: 'slack', ok: true, why: null }])) log.add(event)
  expect(lines).toEqual([expect.stringMatching(/^Weekly maintenance .*3 hosts/), 'held', 'told slack'])
})
