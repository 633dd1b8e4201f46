import { Cron } from 'croner'
import { z } from 'zod'
import { duration, positiveDuration } from './values'

const DAY = /^\d{4}-\d{2}-\d{2}$/

function isDay(text: string): boolean {
  const date = DAY.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN)
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text
}

/** A day of the calendar, `2026-12-01`. */
export const day = z.string().refine(isDay, 'expected a day such as 2026-12-01')

const freeze = z
  .string()
  .refine((text) => {
    const [from, to = from, more] = text.split('/')
    return more === undefined && isRange(from, to)
  }, 'expected a day such as 2026-12-24, or first and last day such as 2026-12-20/2027-01-03')
  .transform((text) => {
    const [from = '', to = from] = text.split('/')
    return { from, to }
  })

function isRange(from: string | undefined, to: string | undefined): boolean {
  return from !== undefined && to !== undefined && isDay(from) && isDay(to) && from <= to
}

/** Five fields; seconds, years and names such as `@daily` are no part of the maintenance file. */
function isCron(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 5) return false
  try {
    return new Cron(text, { mode: '5-part', timezone: 'UTC' }).nextRun(new Date(0)) !== null
  } catch {
    return false
  }
}

function isZone(text: string): boolean {
  try {
    return /^[A-Za-z]/.test(text) && new Intl.DateTimeFormat('en', { timeZone: text }) !== undefined
  } catch {
    return false
  }
}

const month = 31 * 86_400_000

export const window = z.strictObject({
  open: z
    .string()
    .refine(
      isCron,
      'expected a cron expression of five fields that some day meets, such as "0 2 * * sun" or "0 2 * * sun#2"',
    )
    .describe('When the window opens: cron, five fields; the second Sunday is `sun#2`.'),
  duration: positiveDuration.refine((ms) => ms <= month, 'at most 31d'),
  timezone: z
    .string({
      error: (issue) =>
        issue.input === undefined ? 'is missing; write a time zone such as Europe/Berlin or UTC' : undefined,
    })
    .refine(isZone, 'expected a time zone such as Europe/Berlin or UTC')
    .describe('The zone of `open` and `freeze`.'),
  start_within: positiveDuration
    .optional()
    .describe('No admission later than this after the opening. Left out: until the cutoff.'),
  cutoff: duration
    .optional()
    .describe(
      'No admission later than this before closing, or than the host usually takes (95th percentile of its last 50 maintenances), if that is longer. Left out: 30m, or half of a window shorter than 1h.',
    ),
  freeze: z
    .array(freeze)
    .default([])
    .describe('Days without maintenance, the first and the last included: 2026-12-20/2027-01-03.'),
})
export type WindowInput = z.output<typeof window>

/** One window, or a list of windows that are their union. */
export const windows = z.union([window, z.array(window).min(1)])
