import { describe, expect, test } from 'vitest'
import { overdueOf } from '../../../src/config/interval'
import type { HostConfig, MaintenanceFile, WindowConfig } from '../../../src/config/schema'
import { type Tick, unmetWindows } from '../../../src/config/ticks'

const NOW = new Date('2026-11-28T12:00:00Z')

function window(open: string, more: Partial<WindowConfig> = {}): WindowConfig {
  const cutoffMs = 30 * 60_000
  return {
    open,
    durationMs: 3 * 3_600_000,
    timezone: 'UTC',
    startWithinMs: null,
    cutoffMs,
    freeze: [],
    line: 1,
    ...more,
  }
}

const utc = (cron: string): Tick => ({ cron, timezone: null })

function unmet(windows: readonly WindowConfig[], ...ticks: readonly Tick[]): readonly string[] {
  const hosts = new Map([['web-1', { group: 'web', window: windows } as unknown as HostConfig]])
  const groups = new Map([['web', { name: 'web', hosts: ['web-1'] }]]) as unknown as MaintenanceFile['groups']
  return unmetWindows({ groups, hosts }, [{ group: 'web' }], ticks, NOW)
}

describe('a schedule that never falls into the window is told', () => {
  test('with the cron, the window and what to do', () => {
    expect(unmet([window('0 2 * * sun')], utc('0 2 * * mon'))).toEqual([
      'the schedule of the workflow, "0 2 * * mon" (UTC), never falls into the window of web: "0 2 * * sun" for 180 min in UTC. Start the workflow within it, or move the window',
    ])
  })

  test.each([
    ['an hour after it closes', window('0 2 * * sun'), '0 6 * * 0'],
    ['behind the cutoff', window('0 2 * * sun'), '45 4 * * 0'],
    ['behind start_within', window('0 2 * * sun', { startWithinMs: 600_000 }), '30 2 * * 0'],
    ['a zone away', window('0 2 * * sun', { timezone: 'Asia/Jakarta' }), '0 2 * * 0'],
    ['another Sunday', window('0 2 * * sun#2'), '0 2 1-7 * 3'],
  ])('%s', (_, one, cron) => {
    expect(unmet([one], utc(cron))).toHaveLength(1)
  })
})

test.each([
  ['at its opening', window('0 2 * * sun'), '0 2 * * 0'],
  [
    'in winter only',
    window('0 2 * * sun', { timezone: 'Europe/Berlin', durationMs: 3_600_000, cutoffMs: 0 }),
    '30 1 * * 0',
  ],
  ['every five minutes', window('0 2 1 1 *'), '*/5 * * * *'],
  ['once a year', window('0 2 1 1 *'), '0 3 1 1 *'],
  ['behind a freeze', window('0 2 * * sun', { freeze: [{ from: '2026-11-01', to: '2030-01-01' }] }), '0 2 * * 0'],
])('a schedule that falls into it, if rarely, is not told: %s', (_, one, cron) => {
  expect(unmet([one], utc(cron))).toEqual([])
})

test('one of several windows, and one of several ticks, is enough; no window is any time; no tick, and one in an unknown form, say nothing', () => {
  expect(unmet([window('0 2 * * sun'), window('0 2 * * wed')], utc('0 3 * * 3'))).toEqual([])
  expect(unmet([window('0 2 * * sun')], utc('0 9 * * 1'), utc('0 3 * * 0'))).toEqual([])
  expect(unmet([], utc('0 9 * * 1'))).toEqual([])
  expect(unmet([window('0 2 * * sun')])).toEqual([])
  expect(unmet([window('0 2 * * sun')], utc('@weekly so to say'))).toEqual([])
  expect(
    unmet([window('0 2 * * sun', { timezone: 'Asia/Jakarta' })], { cron: '0 2 * * 0', timezone: 'Asia/Jakarta' }),
  ).toEqual([])
})

test.each([
  ['0 2 * * sun', '2026-11-10T02:00:00Z', 7],
  ['0 2 1 * *', '2026-08-01T02:00:00Z', 31],
])('%s: more than twice its interval after %s is overdue', (open, last, days) => {
  expect(overdueOf([window(open)], last, NOW)?.intervalMs).toBe(days * 86_400_000)
})

test.each([
  ['0 2 * * sun', '2026-11-15T02:00:00Z'],
  ['0 2 1 * *', '2026-10-01T02:00:00Z'],
  ['0 2 * * sun', null],
])('%s: %s is not', (open, last) => {
  expect(overdueOf([window(open)], last, NOW)).toBeNull()
})

test('weeks of freeze make the interval no longer, and no window has none', () => {
  const frozen = window('0 2 * * sun', { freeze: [{ from: '2026-11-01', to: '2026-11-20' }] })
  expect(overdueOf([frozen], '2026-10-25T02:00:00Z', NOW)?.intervalMs).toBe(7 * 86_400_000)
  expect(overdueOf([], '2020-01-01T00:00:00Z', NOW)).toBeNull()
})
