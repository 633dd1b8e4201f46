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

interface Told {
  readonly groups?: boolean
  readonly verbose?: boolean
  readonly progressAt?: readonly number[]
}

function logged(entries: readonly Entry[], more: Told = {}): string[] {
  return shown(recording(...entries), more)
}

function shown(events: readonly Event[], more: Told = {}): string[] {
  const lines: string[] = []
  const groups = more.groups
    ? { groups: { start: (title: string) => lines.push(`[${title}`), end: () => lines.push(']') } }
    : {}
  const log = new LiveLog(
    { line: (text) => lines.push(text), ...groups, verbose: more.verbose === true },
    new Redactor([{ name: 'S', value: 'hunter2!' }]),
  )
  for (const event of events) log.add(event)
  for (const second of more.progressAt ?? []) log.progress(new Date(START + second * 1000))
  return lines
}

const story: readonly Entry[] = [
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
]

test('the story of a host is told line by line, each with its time and its host; a step that failed shows what it printed', () => {
  expect(logged(story)).toEqual([
    '02:00:00 Weekly maintenance (maintenance.yml), mode run, 2 hosts, run r1',
    '02:00:01 group web, wave 0 (canary): web-1',
    '02:00:08 web-1 | Unpacking nginx',
    '02:00:08 web-1 | Setting up nginx',
    '02:00:08 web-1 | update: Upgrade 2 packages: failed, exit code 100 (4.2 s)',
    '02:00:09 web-1 | gate shut: http:x failed',
    '02:00:10 web-1 | held: update failed',
    '02:00:11 held: 1 host is held.',
  ])
})

test('with --verbose, or RUNNER_DEBUG=1, everything is told as it happens', () => {
  expect(logged(story, { verbose: true }).slice(2, 8)).toEqual([
    '02:00:02 web-1 | connected with root rights',
    '02:00:03 web-1 | update: begins',
    '02:00:04 web-1 | update: Upgrade 2 packages',
    '02:00:05 web-1 | Unpacking nginx',
    '02:00:06 web-1 | Setting up nginx',
    '02:00:08 web-1 | update: Upgrade 2 packages: failed, exit code 100 (4.2 s)',
  ])
})

/** A recorded run of three hosts without the last of them. */
function twoHosts(): readonly Event[] {
  return recorded('all-live').flatMap((event): readonly Event[] => {
    if (event.type === 'run.begun') return [{ ...event, hosts: event.hosts.slice(0, 2) }]
    if (event.type === 'wave.begun' || event.type === 'wave.ended') return event.hosts.includes('web-3') ? [] : [event]
    return event.host === 'web-3' ? [] : [event]
  })
}

test('a clean run of two hosts, recorded with real updates and a reboot, fits in 60 lines', () => {
  const lines = shown(twoHosts())
  expect(lines.length).toBeLessThanOrEqual(57)
  const steps = twoHosts().filter((event) => event.type === 'step.ended' && event.outcome !== 'skipped')
  expect(lines.filter((line) => / (done|unchanged) \(/.test(line))).toHaveLength(steps.length)
  expect(lines.filter((line) => !/^\d\d:\d\d:\d\d /.test(line))).toEqual([])
})

test('an unknown exit code is said to be unknown', () => {
  expect(logged([[0, 'web-1', stepEnded('failed', null)]])).toEqual([
    '02:00:00 web-1 | update: Upgrade 2 packages: failed, exit code unknown (4.2 s)',
  ])
})

test.each([true, false])(
  'the last line of a step that failed is printed also without a line feed (verbose: %s)',
  (verbose) => {
    const lines = logged(
      [
        [0, 'web-1', stepBegun],
        [1, 'web-1', output('half a')],
        [2, 'web-1', stepEnded('failed', 1)],
      ],
      { verbose },
    )
    expect(lines.at(-2)).toBe('02:00:02 web-1 | half a')
  },
)

test('what a step printed is not shown where it went well, and no line is empty', () => {
  const ended = (outcome: 'done' | 'failed') =>
    logged([
      [0, 'web-1', stepBegun],
      [1, 'web-1', output('Get:1 http://x\n\n \n')],
      [2, 'web-1', stepEnded(outcome, 0)],
    ])
  expect(ended('done')).toEqual(['02:00:02 web-1 | update: Upgrade 2 packages: done (4.2 s)'])
  expect(ended('failed').slice(0, -1)).toEqual(['02:00:02 web-1 | Get:1 http://x'])
})

test('of a step that failed the last 40 lines are shown, and where the others are', () => {
  const lines = logged([
    [0, 'web-1', stepBegun],
    [1, 'web-1', output(Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(''))],
    [2, 'web-1', { ...stepEnded('failed', 1), log: 'logs/web-1/update-up.log' } as EventBody],
  ])
  expect(lines).toHaveLength(42)
  expect(lines[0]).toBe('02:00:02 web-1 | … what it printed before is in logs/web-1/update-up.log')
  expect(lines.slice(1, -1).at(-1)).toBe('02:00:02 web-1 | line 99')
})

test.each([true, false])('H9: output of a host cannot become a command of the runner (verbose: %s)', (verbose) => {
  const lines = logged(
    [
      [0, 'web-1', stepBegun],
      [1, 'web-1', output('::error::x\n##[error]y\rz hunter2!\n')],
      [1, 'web-1', stepEnded('failed', 1)],
    ],
    { verbose },
  )
  expect(lines.slice(verbose ? 1 : 0, -1).map((line) => line.slice(9))).toEqual([
    'web-1 | : :error: :x',
    'web-1 | # #[error]y',
    'web-1 | z ***',
  ])
})

test('H40: a line without end is printed in parts', () => {
  const lines = logged(
    [
      [0, 'web-1', stepBegun],
      [1, 'web-1', output('x'.repeat(5_000))],
      [1, 'web-1', output('x'.repeat(5_000))],
    ],
    { verbose: true },
  )
  expect(lines).toHaveLength(2)
})

test('H40: what is kept of a step that prints without end is bounded', () => {
  const many = Array.from({ length: 200 }, (_, i): Entry => [i, 'web-1', output(`${'x'.repeat(1_000)}\n`)])
  const lines = logged([[0, 'web-1', stepBegun], ...many, [300, 'web-1', stepEnded('failed', 1)]])
  expect(lines.join('').length).toBeLessThan(20_000)
})

test('a step that is quiet for 30 s is told about, then after twice the time, with its last line', () => {
  const lines = logged(
    [
      [0, 'web-1', stepBegun],
      [0, 'web-1', output('Unpacking nginx\nSett')],
    ],
    { progressAt: [29, 30, 35, 59, 60, 119, 120] },
  )
  const last = 'it printed last: Unpacking nginx'
  expect(lines).toEqual([
    `02:00:30 web-1 | update: Upgrade 2 packages: still running, for 30 s; ${last}`,
    `02:01:00 web-1 | update: Upgrade 2 packages: still running, for 1 min; ${last}`,
    `02:02:00 web-1 | update: Upgrade 2 packages: still running, for 2 min; ${last}`,
  ])
})

test('a step that has ended is not told about', () => {
  expect(
    logged(
      [
        [0, 'web-1', stepBegun],
        [20, 'web-1', stepEnded('done', 0)],
      ],
      { progressAt: [100] },
    ),
  ).toHaveLength(1)
})

const round = (failing: readonly string[]): EventBody => ({
  type: 'round',
  stage: 'verify',
  number: 1,
  failing,
  of: 83,
})

test('rounds that fail are folded: what fails when it begins or changes, then how long, then that it is over', () => {
  const two = ['http:x', 'unit:y']
  expect(
    logged([
      [0, 'web-1', round([])],
      [1, 'web-1', round(two)],
      [3, 'web-1', round(two)],
      [5, 'web-1', round(two)],
      [6, 'web-1', round(two)],
      [8, 'web-1', round(['http:x'])],
      [9, 'web-1', round(['http:x'])],
      [15, 'web-1', round(['http:x'])],
      [16, 'web-1', round([])],
      [17, 'web-1', round([])],
    ]),
  ).toEqual([
    '02:00:01 web-1 | verify: 2 of 83 failing: http:x, unit:y',
    '02:00:06 web-1 | verify: 2 of 83 still failing, 5 s',
    '02:00:08 web-1 | verify: 1 of 83 still failing, 7 s: http:x',
    '02:00:15 web-1 | verify: 1 of 83 still failing, 14 s',
    '02:00:16 web-1 | verify: nothing fails any more, after 15 s',
  ])
})

test('with one host at a time each stage is a group, never one inside another; what failed stands outside', () => {
  const stage = (name: 'prepare' | 'monitor'): EventBody => ({ type: 'stage.begun', stage: name })
  const lines = logged(
    [
      [0, null, { type: 'wave.begun', group: 'web', wave: 0, hosts: ['web-1'] }],
      [0, 'web-1', stage('prepare')],
      [1, 'web-1', stage('monitor')],
      // Beside it another host is looked at: it opens no group, and ends none.
      [1, 'web-2', stage('prepare')],
      [1, 'web-2', { type: 'stage.ended', stage: 'prepare', outcome: 'done', reason: null }],
      [2, 'web-1', { type: 'stage.ended', stage: 'monitor', outcome: 'failed', reason: 'the disk is full' }],
    ],
    { groups: true },
  )
  expect(lines).toEqual([
    '02:00:00 group web, wave 0 (canary): web-1',
    '[web-1: prepare',
    ']',
    '[web-1: monitor',
    ']',
    '02:00:02 web-1 | monitor: failed: the disk is full',
  ])
})

test('where several hosts run at a time there are no groups', () => {
  const lines = logged(
    [
      [0, null, { type: 'wave.begun', group: 'web', wave: 1, hosts: ['web-1', 'web-2'] }],
      [0, 'web-1', { type: 'stage.begun', stage: 'prepare' }],
    ],
    { groups: true },
  )
  expect(lines).toHaveLength(1)
})

test('a wave of many hosts is told as a whole: how many are where, and which one takes long', () => {
  const hosts = Array.from({ length: 8 }, (_, i) => `web-${i}`)
  const each = (second: number, body: EventBody, from = 0): Entry[] =>
    hosts.slice(from).map((host): Entry => [second, host, body])
  const entries: Entry[] = [
    [0, null, { type: 'wave.begun', group: 'web', wave: 1, hosts }],
    ...each(1, { type: 'stage.begun', stage: 'update' }),
    ...each(2, stepBegun),
    ...each(9, stepEnded('done', 0), 1),
    ...each(9, { type: 'stage.begun', stage: 'verify' }, 1),
  ]
  const lines = logged(entries, { progressAt: [10, 20, 25, 400] })
  expect(lines).toEqual([
    `02:00:00 group web, wave 1: ${hosts.join(', ')}`,
    '02:00:20 web, wave 1: 8 hosts: 1 in update, 7 in verify',
    '02:06:40 web, wave 1: 8 hosts: 1 in update, 7 in verify; longest: web-0, in update for 6 min 39 s',
  ])
})

test('in a wave of many the step that failed is told with its output, and the wave has a last word', () => {
  const hosts = Array.from({ length: 5 }, (_, i) => `web-${i}`)
  const lines = logged([
    [0, null, { type: 'wave.begun', group: 'web', wave: 1, hosts }],
    [2, 'web-3', stepBegun],
    [3, 'web-3', output('no space left\n')],
    [4, 'web-3', stepEnded('failed', 100)],
    [5, null, { type: 'wave.ended', group: 'web', wave: 1, hosts }],
  ])
  expect(lines.slice(1)).toEqual([
    '02:00:04 web-3 | no space left',
    '02:00:04 web-3 | update: Upgrade 2 packages: failed, exit code 100 (4.2 s)',
    '02:00:05 web, wave 1: 5 hosts: 5 waiting',
  ])
})

test('the first line names the version', () => {
  const lines: string[] = []
  new LiveLog({ line: (text) => lines.push(text) }, new Redactor([])).hello('1.2.3', '24.1.0')
  expect(lines).toEqual(['Pitstop 1.2.3 on Node 24.1.0; times are UTC'])
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
  expect(lines.at(-1)).toMatch(/^\d\d:\d\d:\d\d (live|held|partial|refused)/)
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
    [8, 'web-1', { type: 'stage.ended', stage: 'update', outcome: 'done', reason: null }],
    [9, 'web-1', { type: 'round', stage: 'verify', number: 2, failing: ['http:x', 'unit:y'] }],
    [9, 'web-1', { type: 'stage.ended', stage: 'verify', outcome: 'failed', reason: 'http:x' }],
    [9, 'web-1', { type: 'gate', open: false, reason: 'http:x failed' }],
    [9, 'web-1', { type: 'warning', sentence: '192.0.2.11 said no' }],
  ]
  for (const event of recording(...entries)) log.add(event)
  expect(lines).toEqual([
    'Outsiders may read this log: it tells stages, verdicts and counts (announce.disclose: counts). Everything else is in the report folder.',
    '02:00:08 web-1 | update: a step: failed, exit code 100',
    '02:00:08 web-1 | update: done (5 s)',
    '02:00:09 web-1 | verify: 2 checks failing',
    '02:00:09 web-1 | verify: failed',
    '02:00:09 web-1 | gate shut',
    '02:00:09 web-1 | a warning, in the journal',
  ])
})

test('H11: a step that is quiet is told to outsiders without its title', () => {
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'counts')
  for (const event of recording([4, 'web-1', stepBegun])) log.add(event)
  log.progress(new Date(START + 60_000))
  expect(lines).toEqual(['02:01:00 web-1 | update: still running, for 56 s'])
})

test('H11: with `disclose: none` a log has the run, its verdict and who was told', () => {
  const lines: string[] = []
  const log = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]), 'none')
  for (const event of recorded('one-held')) log.add(event)
  for (const event of recording([1, null, { type: 'told', who: 'slack', ok: true, why: null }])) log.add(event)
  expect(lines).toEqual([
    expect.stringMatching(/^19:28:39 Weekly maintenance .*3 hosts/),
    '19:28:52 held',
    '02:00:01 told slack',
  ])
})
