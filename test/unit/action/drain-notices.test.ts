import { expect, test } from 'vitest'
import { DrainNotices } from '../../../src/action/drain-notices'
import type { EventBody } from '../../../src/journal/event'
import { hostFacts, recording, runFacts } from '../report/recording'

function notices(hosts: readonly string[], line: number | null = 7) {
  const told: [string, object][] = []
  const drains = new DrainNotices({ notice: (...of) => told.push(of) })
  const begun: EventBody = { type: 'run.begun', about: runFacts, hosts: hosts.map((name) => hostFacts(name, { line })) }
  const admitted = hosts.map((name): [number, string, EventBody] => [1, name, { type: 'admitted' }])
  for (const event of recording([0, null, begun], ...admitted, [2, 'web-1', { type: 'touched' }])) drains.take(event)
  return told
}

test('before each drain there is one notice, at the line of the host', () => {
  expect(notices(['web-1', 'web-2'])).toEqual([
    [expect.stringContaining('web-1'), { title: 'Drain', file: 'maintenance.yml', startLine: 7 }],
    [expect.stringContaining('web-2'), { title: 'Drain', file: 'maintenance.yml', startLine: 7 }],
  ])
})

test('a host of the inventory has no line', () => {
  expect(notices(['web-1'], null)[0]?.[1]).toEqual({ title: 'Drain' })
})

test('of many drains ten are told, and the tenth says so', () => {
  const told = notices(Array.from({ length: 30 }, (_, i) => `web-${i}`))
  expect(told).toHaveLength(10)
  expect(told.at(-1)?.[0]).toContain('in the log only')
})

test('H11: with disclose none outsiders hear of no drain', () => {
  const told: string[] = []
  const drains = new DrainNotices({ notice: (message) => told.push(message) })
  const begun: EventBody = { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }
  const events = recording([0, null, begun], [1, 'web-1', { type: 'admitted' }])
  for (const event of events) drains.take(event, 'none')
  expect(told).toEqual([])
  for (const event of events) drains.take(event, 'counts')
  expect(told).toHaveLength(1)
})
