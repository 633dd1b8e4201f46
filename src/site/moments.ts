import { type Html, html } from './html'
import { fill, type Messages } from './messages'

/** How a time is written; a script in the page writes it again in the visitor's zone. */
export type MomentForm = 'moment' | 'time' | 'day' | 'month'

const FORMS: Readonly<Record<MomentForm, (at: Date, months: readonly string[]) => string>> = {
  moment: (at, months) => `${day(at)} ${month(at, months)} ${at.getUTCFullYear()}, ${clock(at)}`,
  time: clock,
  day,
  month,
}

/** A time in UTC as an element; `utc` is said beside it, as long as no script has changed it. */
export function moment(at: string, form: MomentForm, messages: Messages): Html {
  return html`<time datetime="${at}" data-form="${form}">${FORMS[form](new Date(at), messages.months)}</time>`
}

/** From a moment to another, the day told twice only where it differs (in UTC). */
export function span(from: string, to: string, messages: Messages): Html {
  const sameDay = from.slice(0, 10) === to.slice(0, 10)
  return html`${moment(from, 'moment', messages)} – ${moment(to, sameDay ? 'time' : 'moment', messages)}${utc(messages)}`
}

/** The word UTC, which the script takes away together with the times it stood beside. */
export function utc(messages: Messages): Html {
  return html`<span class="utc"> ${messages.text.utc}</span>`
}

/** A time as plain text, for feeds: `22 Nov 2026, 02:00 UTC`. */
export function momentText(at: string, messages: Messages): string {
  return `${FORMS.moment(new Date(at), messages.months)} ${messages.text.utc}`
}

/** A time span for visitors, in whole seconds, minutes or hours. */
export function timeSpan(durationMs: number, messages: Messages): string {
  const seconds = Math.ceil(durationMs / 1000)
  if (seconds === 0) return messages.text.brief
  if (seconds < 120) return fill(messages.text.second, { count: seconds })
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return fill(messages.text.minute, { count: minutes })
  return fill(messages.text.hour, { count: Math.round(minutes / 60) })
}

function day(at: Date): string {
  return String(at.getUTCDate())
}

function month(at: Date, months: readonly string[]): string {
  return months[at.getUTCMonth()] ?? ''
}

function clock(at: Date): string {
  return at.toISOString().slice(11, 16)
}
