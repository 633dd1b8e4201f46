import { withoutControls } from '../show/for-log'
import { type FeedEntry, feedEntries } from './feed-entries'
import type { Messages } from './messages'
import { siteTitle } from './overview'
import type { SiteState } from './state'

const MOST_LINE_BYTES = 75

/** The iCalendar feed (RFC 5545): planned, running and ended maintenance. Nobody is shown as busy by it. */
export function calendar(state: SiteState, messages: Messages): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Pitstop//Status page 1//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${forCalendar(siteTitle(state, messages))}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    'X-PUBLISHED-TTL:PT1H',
    ...feedEntries(state, messages).flatMap((entry) => event(entry, state.updatedAt)),
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${folded(line)}\r\n`).join('')
}

function event(entry: FeedEntry, updatedAt: string): string[] {
  // A run that goes on has no end yet: it lasts until now, and grows.
  const end = entry.to ?? (entry.kind === 'active' ? updatedAt : null)
  return [
    'BEGIN:VEVENT',
    `UID:${entry.id}@pitstop`,
    `DTSTAMP:${utcTime(entry.changedAt)}`,
    `DTSTART:${utcTime(entry.from)}`,
    ...endOf(entry.from, end),
    `SUMMARY:${forCalendar(entry.title)}`,
    `DESCRIPTION:${forCalendar(entry.text)}`,
    'STATUS:CONFIRMED',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]
}

/** An end has to be later than the start, in whole seconds; an event without one is a moment (RFC 5545, 3.6.1). */
function endOf(from: string, end: string | null): string[] {
  return end !== null && utcTime(end) > utcTime(from) ? [`DTEND:${utcTime(end)}`] : []
}

/** `20261122T020000Z` */
function utcTime(at: string): string {
  return `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}

/** Text of a property: controls and line ends out, what the format reads escaped (H42). */
function forCalendar(text: string): string {
  return withoutControls(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\;,]/g, (character) => `\\${character}`)
}

/** A line is at most 75 bytes, its continuations begin with a blank; no character is cut in two. */
function folded(line: string): string {
  let text = ''
  let bytes = 0
  for (const character of line) {
    const size = Buffer.byteLength(character)
    if (bytes + size > MOST_LINE_BYTES) {
      text += '\r\n '
      bytes = 1
    }
    text += character
    bytes += size
  }
  return text
}
