import { describe, expect, it } from 'vitest'
import { DrainNotices } from '../../../src/action/drain-notices'
import type { CheckResult } from '../../../src/checks/check'
import { allowExpected } from '../../../src/compare/expected-changes'
import type { EventBody, HostVerdict, Isolation } from '../../../src/journal/event'
import { logSentence } from '../../../src/report/log-sentence'
import { publicLogSentence } from '../../../src/report/log-sentence-public'
import { RunRecorder } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import type { Rule } from '../../../src/stages/stage'
import { hostFacts, recording, runFacts } from './recording'

type Entry = readonly [number, string | null, EventBody]

const ISOLATIONS: readonly Isolation[] = ['isolated', 'stopped', 'exposed']
const DRAINED: readonly Entry[] = [
  [5, 'web-1', { type: 'admitted' }],
  [10, 'web-1', { type: 'traffic', state: 'out', act: 'drained' }],
]
const BACK: Entry = [20, 'web-1', { type: 'traffic', state: 'in', act: 'undrained' }]

function ended(verdict: HostVerdict, rule: Rule | null = null, reason = 'why'): Entry {
  return [
    30,
    'web-1',
    { type: 'host.ended', verdict, reason, rule, lastMaintained: null, nextDue: null, overrun: false },
  ]
}

function summary(isolation: Isolation, ...entries: readonly Entry[]): string {
  const recorder = new RunRecorder()
  const begun: Entry = [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1', { isolation })] }]
  for (const event of recording(begun, ...entries)) recorder.add(event)
  return summaryOf(recorder.record(), { disclose: 'full', plan: null })
}

const check = (more: Partial<CheckResult>): Entry => [
  25,
  'web-1',
  {
    type: 'observed',
    stage: 'verify',
    what: {
      kind: 'check',
      when: 'verify',
      check: { id: 'port:tcp/0.0.0.0:80', kind: 'port', outcome: 'pass', expected: 'a', actual: 'b', ...more },
    },
  },
]

describe('what a summary says of downtime is true of every end', () => {
  const out: Rule = { name: 'stages.drain.traffic', value: 'out', line: 4 }
  it.each<[string, Isolation, readonly Entry[], string, string]>([
    ['live again', 'isolated', [...DRAINED, BACK, ended('live')], 'longest downtime 10 s', 'still out'],
    ['held and drained', 'isolated', [...DRAINED, ended('held')], '1 host still out, since 02:00 UTC', 'downtime 2'],
    ['held, its services stopped', 'stopped', [...DRAINED, ended('held')], '1 host still out', 'no downtime'],
    ['unreachable after its drain', 'isolated', [...DRAINED, ended('unreachable')], '1 host still out', 'no downtime'],
    [
      'drained again after go-live',
      'isolated',
      [...DRAINED, BACK, [22, 'web-1', { type: 'traffic', state: 'out', act: 'drained' }], ended('held')],
      '1 host still out',
      'longest downtime',
    ],
    ['out before the run', 'isolated', [ended('untouched', out)], '1 host still out', 'no downtime'],
    ['untouched and in traffic', 'isolated', [ended('untouched')], 'no downtime', 'still out'],
    ['exposed and held', 'exposed', [...DRAINED.slice(0, 1), ended('held')], 'no downtime', 'still out'],
  ])('%s', (_, isolation, entries, said, unsaid) => {
    const text = summary(isolation, ...entries)
    expect(text).toContain(said)
    expect(text).not.toContain(unsaid)
  })

  it('the table says since when a host is out, and not how short that was when the run ended', () => {
    expect(summary('isolated', ...DRAINED, ended('held'))).toMatch(/\| web-1 \| ⛔ held \| .* \| out since 02:00 \|/)
  })
})

describe('what a summary advises is true of every end', () => {
  it('a run that was cancelled has no failed check to look at', () => {
    const cancelled = summary('isolated', ...DRAINED, ended('held', null, 'cancelled in update'))
    expect(cancelled).not.toContain('Look at what did not pass')
    expect(cancelled).toContain('no check failed')
    const failed = summary('isolated', ...DRAINED, check({ outcome: 'fail' }), ended('held'))
    expect(failed).toContain('Look at what did not pass (below)')
  })

  it('a host whose users are kept away is one that was last read as out', () => {
    const unread: Entry = [25, 'web-1', { type: 'traffic', state: 'unknown', act: 'drained' }]
    expect(summary('isolated', ...DRAINED, ended('held'))).toContain('drained, users are kept away from it')
    const text = summary('isolated', ...DRAINED, BACK, unread, ended('held'))
    expect(text).not.toContain('users are kept away')
    expect(text).toContain('look at its traffic, it was not last seen drained')
  })

  it('an update that was cut left no upgrade alone: it may still be at work', () => {
    const change = { name: 'app', arch: 'all', from: '1', to: '2', origin: 'Debian', security: false } as const
    const pending: Entry = [
      6,
      'web-1',
      { type: 'observed', stage: 'prepare', what: { kind: 'pending', changes: [change] } },
    ]
    const update = (outcome: 'interrupted' | 'skipped'): readonly Entry[] => [
      [11, 'web-1', { type: 'stage.begun', stage: 'update' }],
      [12, 'web-1', { type: 'stage.ended', stage: 'update', outcome, reason: null }],
    ]
    const left = 'Upgrades left alone'
    expect(summary('isolated', pending, ...DRAINED, ...update('interrupted'), ended('held'))).not.toContain(left)
    expect(summary('isolated', pending, ...DRAINED, ...update('skipped'), ended('held'))).toContain(left)
  })

  it('what was announced is not "as before"', () => {
    const [announced] = allowExpected(
      [{ id: 'port:tcp/*:9100', kind: 'port', outcome: 'fail', expected: 'listens', actual: 'gone' }],
      ['port:tcp/*:9100'],
    )
    const text = summary('isolated', ...DRAINED, check({}), check(announced ?? {}), BACK, ended('live'))
    expect(text).toContain('2 things (`port`): 1 as before, 1 changed as the file expects.')
    expect(summary('isolated', ...DRAINED, check({}), BACK, ended('live'))).toContain(
      '1 thing (`port`): all as before.',
    )
  })

  it('hosts that were not maintained may be down: nobody calls them left as they were', () => {
    for (const isolation of ISOLATIONS)
      expect(
        summary(isolation, ended('untouched', { name: 'stages.monitor.broken', value: 'stop', line: 4 })),
      ).toContain('What was not maintained')
  })
})

describe('what is told while a run goes on is true of every host', () => {
  it.each<[Isolation, RegExp]>([
    ['isolated', /taken away from it before/],
    ['stopped', /services are stopped before/],
    ['exposed', /stay on it/],
  ])('the annotation of an admitted host that is %s', (isolation, said) => {
    const told: string[] = []
    const notices = new DrainNotices({ notice: (text) => told.push(text) })
    const begun: EventBody = { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1', { isolation })] }
    for (const event of recording([0, null, begun], [1, 'web-1', { type: 'admitted' }])) notices.take(event)
    expect(told).toEqual([expect.stringMatching(said)])
    expect(told[0]).not.toContain('drained now')
  })

  it('a round says of how many checks none fails: it looks at a part', () => {
    const round = { type: 'round', stage: 'verify', number: 3, failing: [] } as const
    const [known, old] = recording([1, 'web-1', { ...round, of: 30 }], [2, 'web-1', round])
    for (const say of [
      logSentence,
      (event: Parameters<typeof publicLogSentence>[0]) => publicLogSentence(event, 'counts'),
    ]) {
      expect(known && say(known)).toContain('none of the 30 looked at fails')
      expect(old && say(old)).toContain('nothing that was looked at fails')
    }
  })
})
