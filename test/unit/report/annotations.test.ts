import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors'
import type { EventBody } from '../../../src/journal/event'
import { annotate, annotationsOfError, annotationsOfRun } from '../../../src/report/annotations'
import type { Disclosure } from '../../../src/report/disclose'
import { recordOf } from '../../../src/report/run-record'
import { Redactor } from '../../../src/show/redact'
import { hostFacts, recording, runFacts } from './recording'

const ended = (verdict: 'held' | 'live' | 'unreachable'): EventBody => ({
  type: 'host.ended',
  verdict,
  reason: 'verify failed',
  rule: null,
  lastMaintained: null,
  nextDue: null,
  overrun: false,
})

test('a problem of the file is told at its line and column, with the nearest word', () => {
  const error = new ConfigError(
    [
      {
        file: 'maintenance.yml',
        line: 3,
        column: 5,
        path: 'hosts.web-1.prot',
        message: 'unknown key',
        nearest: 'port',
      },
    ],
    { hint: 'Correct it.' },
  )
  expect(annotationsOfError(error)).toEqual([
    {
      level: 'error',
      file: 'maintenance.yml',
      line: 3,
      column: 5,
      message: 'hosts.web-1.prot: unknown key; did you mean "port"?\nCorrect it.',
    },
  ])
})

test('a problem of an input has no place in the file', () => {
  expect(annotationsOfError(new ConfigError([{ path: 'mode', message: 'wrong' }]))).toEqual([
    { level: 'error', message: 'mode: wrong' },
  ])
})

test('of many problems nine are told and the rest is counted', () => {
  const error = new ConfigError(Array.from({ length: 30 }, (_, i) => ({ message: `problem ${i}` })))
  const told = annotationsOfError(error)
  expect(told).toHaveLength(10)
  expect(told.at(-1)?.message).toBe('… and 21 more, in the log and in report.json')
})

function ofRun(mode: 'run' | 'plan') {
  return annotationsOfRun(
    recordOf(
      recording(
        [
          0,
          null,
          {
            type: 'run.begun',
            about: { ...runFacts, mode },
            hosts: [hostFacts('a', { line: 7 }), hostFacts('b', { line: null }), hostFacts('c')],
          },
        ],
        [1, 'a', ended('held')],
        [1, 'b', ended('unreachable')],
        [1, 'c', ended('live')],
        [2, null, { type: 'warning', sentence: 'the clock is off' }],
      ),
    ),
  )
}

test('a held host is told at its line of the maintenance file', () => {
  expect(ofRun('run')).toEqual([
    { level: 'error', message: 'a is held: verify failed', file: 'maintenance.yml', line: 7 },
    { level: 'error', message: 'b is unreachable: verify failed' },
    { level: 'warning', message: 'the clock is off' },
  ])
})

test('H11: where outsiders read, an annotation tells no reason and no warning', () => {
  const record = recordOf(
    recording(
      [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('a', { line: 7 })] }],
      [1, 'a', ended('held')],
      [2, null, { type: 'warning', sentence: '192.0.2.1 did not answer' }],
    ),
  )
  expect(annotationsOfRun(record, 'counts').map(({ message }) => message)).toEqual([
    'a is held: the reason is in report.json',
    '1 warning, in report.json and journal',
  ])
})

test('in a plan a host that cannot be reached is a warning', () => {
  expect(ofRun('plan').every((a) => a.level === 'warning')).toBe(true)
})

test('H10: an annotation is masked, without controls, and cut', () => {
  const told: [string, object][] = []
  const sink = { error: (message: string, at: object) => void told.push([message, at]), warning: () => {} }
  annotate(
    [{ level: 'error', message: `\u001b[31mhun\u0000ter2!${'x'.repeat(3000)}`, file: 'm.yml', line: 2 }],
    new Redactor([{ name: 'S', value: 'hunter2!' }]),
    sink,
  )
  expect(told[0]?.[0]).toBe(`***${'x'.repeat(1997)}`)
  expect(told[0]?.[1]).toEqual({ file: 'm.yml', startLine: 2 })
})

test('H11: with disclose none no host is named, and no warning told', () => {
  const events = recording(
    [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }],
    [1, null, { type: 'warning', sentence: 'a word of a host' }],
    [2, 'web-1', ended('held')],
  )
  expect(annotationsOfRun(recordOf(events), 'none')).toEqual([])
  expect(annotationsOfRun(recordOf(events), 'counts')).toHaveLength(2)
})

test('a host that is live although a check warned is told as a warning, by count where outsiders read', () => {
  const check = {
    id: 'port:tcp/0.0.0.0:9100',
    kind: 'port',
    outcome: 'warn',
    expected: 'none',
    actual: 'listens',
  } as const
  const seen = (when: 'monitor' | 'verify'): EventBody => ({
    type: 'observed',
    stage: when,
    what: { kind: 'check', when, check },
  })
  const told = (when: 'monitor' | 'verify', disclose: Disclosure) =>
    annotationsOfRun(
      recordOf(
        recording(
          [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }],
          [1, 'web-1', seen(when)],
          [2, 'web-1', ended('live')],
        ),
      ),
      disclose,
    ).map(({ message }) => message)
  expect(told('verify', 'full')).toEqual(['web-1 is live with 1 warning: port:tcp/0.0.0.0:9100'])
  expect(told('verify', 'counts')).toEqual(['web-1 is live with 1 warning'])
  expect(told('monitor', 'full')).toEqual([])
  expect(told('verify', 'none')).toEqual([])
})
