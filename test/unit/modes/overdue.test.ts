import { expect, test } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import type { Event, EventBody } from '../../../src/journal/event'
import { Journal } from '../../../src/journal/journal'
import { OverdueHosts } from '../../../src/modes/overdue'
import type { RunContext } from '../../../src/modes/run-context'
import { Redactor } from '../../../src/show/redact'
import { hostConfig } from '../../fixtures/host-config'

const NOW = new Date('2026-11-28T12:00:00Z')
const WEEKLY = [
  {
    open: '0 2 * * sun',
    durationMs: 10_800_000,
    timezone: 'UTC',
    startWithinMs: null,
    cutoffMs: 0,
    freeze: [],
    line: 1,
  },
]

function toldOf(verdict: 'live' | 'untouched' | 'held', lastMaintained: string | null): readonly Event[] {
  const journal = new Journal({ path: null, run: 'r', clock: systemClock, redactor: new Redactor([]) })
  const host = hostConfig({ name: 'web-1', window: WEEKLY })
  const io = { clock: { now: () => NOW } }
  const x = { journal, io, file: { hosts: new Map([['web-1', host]]) } } as unknown as RunContext
  const overdue = new OverdueHosts(x)
  const end = {
    type: 'host.ended',
    verdict,
    reason: '',
    rule: null,
    lastMaintained,
    nextDue: null,
    overrun: false,
  } as EventBody
  journal.append(end, 'web-1')
  const told: Event[] = []
  journal.listen('test', (event) => told.push(event))
  overdue.tell()
  return told
}

test('a host that was left out for more than twice its interval is a finding, and a warning that becomes an annotation', () => {
  const [finding, warning] = toldOf('untouched', '2026-11-01T02:10:00Z')
  const sentence = 'web-1 was last maintained 27 days ago (2026-11-01), and its window opens every 7 days'
  expect(finding).toMatchObject({
    type: 'observed',
    host: 'web-1',
    what: { kind: 'finding', what: sentence, severity: 'warn' },
  })
  expect(warning).toMatchObject({ type: 'warning', sentence: expect.stringContaining(sentence) })
})

test.each([
  ['live', '2026-11-01T02:10:00Z'],
  ['untouched', '2026-11-22T02:10:00Z'],
  ['untouched', null],
] as const)('%s, last maintained %s: nothing is said', (verdict, last) => {
  expect(toldOf(verdict, last)).toEqual([])
})
