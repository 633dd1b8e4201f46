import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { OUTPUT_NAMES, outputsOf, outputsWithoutReport, setOutputs } from '../../../src/action/outputs'
import type { HostVerdict } from '../../../src/journal/event'
import { reportOf } from '../../../src/report/report'
import { recordOf } from '../../../src/report/run-record'
import { Redactor } from '../../../src/show/redact'
import { hostFacts, recording, runFacts } from '../report/recording'

const refused = reportOf(
  recordOf(recording([0, null, { type: 'run.ended', verdict: 'refused', reason: 'file', sentence: 'x' }])),
)
const verdicts: HostVerdict[] = ['live', 'rolled-back', 'held', 'untouched', 'unreachable']
const mixed = reportOf(
  recordOf(
    recording(
      [
        0,
        null,
        { type: 'run.begun', about: { ...runFacts, planHash: 'abc' }, hosts: verdicts.map((v) => hostFacts(`h-${v}`)) },
      ],
      [1, 'h-held', { type: 'reboot.ordered', bootId: 'b' }],
      ...verdicts.map(
        (verdict) =>
          [
            3.2,
            `h-${verdict}`,
            {
              type: 'host.ended',
              verdict,
              reason: 'x',
              rule: null,
              lastMaintained: null,
              nextDue: null,
              overrun: false,
            },
          ] as const,
      ),
      [5, null, { type: 'run.ended', verdict: 'held', reason: 'none', sentence: 'x' }],
    ),
  ),
)

test('action.yml declares exactly the outputs that are set', () => {
  const declared = parse(readFileSync('action.yml', 'utf8')) as { outputs: Record<string, unknown> }
  expect(Object.keys(declared.outputs)).toEqual([...OUTPUT_NAMES])
})

test('every output is set, also for a refusal', () => {
  expect(outputsOf(refused, { reportPath: 'out/report.json', planPath: null, sitePath: null, hasWork: null })).toEqual({
    verdict: 'refused',
    reason: 'file',
    live: '[]',
    held: '[]',
    'rolled-back': '[]',
    untouched: '[]',
    unreachable: '[]',
    'downtime-seconds': '',
    report: 'out/report.json',
    plan: '',
    'plan-hash': '',
    matrix: '',
    'has-work': '',
    'status-page': '',
  })
})

test('each host is in the list of its verdict; the longest downtime is rounded up to seconds', () => {
  expect(outputsOf(mixed, { reportPath: 'r', planPath: 'p', sitePath: 's', hasWork: false })).toMatchObject({
    verdict: 'held',
    live: '["h-live"]',
    held: '["h-held"]',
    'rolled-back': '["h-rolled-back"]',
    untouched: '["h-untouched"]',
    unreachable: '["h-unreachable"]',
    'downtime-seconds': '3',
    plan: 'p',
    'plan-hash': 'abc',
    'has-work': 'false',
  })
})

test('a crash without a report sets all outputs as failed', () => {
  const outputs = outputsWithoutReport()
  expect(Object.keys(outputs)).toEqual([...OUTPUT_NAMES])
  expect(outputs).toMatchObject({ verdict: 'failed', reason: 'none', held: '[]', report: '' })
})

function set(redactor: Redactor) {
  const values: Record<string, string> = {}
  const warnings: string[] = []
  setOutputs(outputsOf(mixed, { reportPath: 'r', planPath: null, sitePath: null, hasWork: null }), redactor, {
    setOutput: (name, value) => {
      values[name] = value
    },
    warning: (message) => warnings.push(message),
  })
  return { values, warnings }
}

test('H10: an output that holds a secret is masked, not emptied, and a warning names it without the secret', () => {
  const { values, warnings } = set(new Redactor([{ name: 'S', value: 'h-held' }]))
  expect(values.held).toBe('["***"]')
  expect(values.live).toBe('["h-live"]')
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('output held')
  expect(warnings[0]).not.toContain('h-held')
})

test('outputs without a secret are set as they are, without a warning', () => {
  const { values, warnings } = set(new Redactor([]))
  expect(Object.keys(values)).toEqual([...OUTPUT_NAMES])
  expect(warnings).toEqual([])
})
