import { expect, it } from 'vitest'
import { treeOf } from '../../../src/config/tree'
import { readWindows } from '../../../src/config/window-rules'
import { admissionOf, nextDueOf } from '../../../src/modes/host-window'

const { windows } = readWindows(treeOf({ open: '0 2 * * *', duration: '3h', timezone: 'UTC', cutoff: '30m' }))
const at = (time: string, p95Ms: number | null) =>
  admissionOf(windows, new Date(`2026-11-22T${time}Z`), { scheduled: true, p95Ms })
const MINUTE_MS = 60_000

it('admits a host while as much time is left as its maintenances take, and never less than the cutoff', () => {
  expect(at('03:59:00', 60 * MINUTE_MS)).toEqual({ open: true })
  expect(at('04:29:00', 5 * MINUTE_MS)).toEqual({ open: true })
  expect(at('04:31:00', 5 * MINUTE_MS)).toMatchObject({ open: false })
  expect(at('04:29:00', null)).toEqual({ open: true })
})

it('says how long it takes, and when the window closes', () => {
  expect(at('04:01:00', 60 * MINUTE_MS)).toMatchObject({
    open: false,
    reason: expect.stringMatching(/takes up to 60m \(95th percentile .* closes at 2026-11-22T05:00:00.000Z/),
    rule: { name: 'window.cutoff', value: '60m' },
  })
})

it('a host without a window is admitted at any time', () => {
  expect(admissionOf([], new Date(), { scheduled: false, p95Ms: 9 * 3_600_000 })).toEqual({ open: true })
})

it('the next opening is the same whatever was asked before: later, earlier, or at the opening itself', () => {
  const given = { open: '0 2 * * *', duration: '3h', timezone: 'UTC', freeze: ['2026-11-24/2026-11-25'] }
  const fresh = () => readWindows(treeOf(given)).windows
  const times = [
    '22T01:00',
    '22T01:59',
    '22T02:00',
    '22T02:01',
    '21T23:00',
    '23T02:00',
    '22T02:00',
    '26T02:00',
    '22T01:00',
  ]
  const all = { window: fresh() }
  const dates = times.map((time) => new Date(`2026-11-${time}:00Z`))
  expect(dates.map((date) => nextDueOf(all, date))).toEqual(dates.map((date) => nextDueOf({ window: fresh() }, date)))
  expect(nextDueOf(all, new Date('2026-11-23T02:00:00Z'))).toEqual(new Date('2026-11-26T02:00:00Z'))
  expect(nextDueOf({ window: [] }, new Date())).toBeNull()
})
