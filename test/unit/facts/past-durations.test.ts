import { expect, it } from 'vitest'
import { pastDurations, percentile95 } from '../../../src/facts/past-durations'

it('reads what is a number of milliseconds, and leaves out what is not', () => {
  expect(pastDurations('/s').parse('1200\n\n90 m\n-4\n3400\n', 0)).toEqual({ ok: true, value: [1200, 3400] })
  expect(pastDurations('/s').parse('', 0)).toEqual({ ok: true, value: [] })
})

it('takes the 95th percentile by nearest rank', () => {
  expect(percentile95([])).toBeNull()
  expect(percentile95([7])).toBe(7)
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect(percentile95(hundred)).toBe(95)
})
