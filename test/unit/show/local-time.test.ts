import { expect, test } from 'vitest'
import { localSpan } from '../../../src/show/local-time'

const hour = 3_600_000

test.each([
  ['Asia/Jakarta', 3 * hour, 'Sun 2026-11-22 02:00 – 05:00 (Asia/Jakarta)'],
  ['UTC', 6 * hour, 'Sat 2026-11-21 19:00 – Sun 2026-11-22 01:00 (UTC)'],
  ['America/New_York', hour, 'Sat 2026-11-21 14:00 – 15:00 (America/New_York)'],
])('a window is told on the clocks of %s', (zone, spanMs, text) => {
  const from = Date.UTC(2026, 10, 21, 19)
  expect(localSpan(from, from + spanMs, zone)).toBe(text)
})
