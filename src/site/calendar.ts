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
  const end = entry.to ?? (entry.kind === 'active' ? updatedAt : entry.from)
  return [
    'BEGIN:VEVENT',
    `UID:${entry.id}@pitstop`,
    `DTSTAMP:${utcTime(entry.changedAt)}`,
    `DTSTART:${utcTime(entry.from)}`,
    `DTEND:${utcTime(Date.parse(end) > Date.parse(entry.from) ? end : entry.from)}`,
    `SUMMARY:${forCalendar(entry.title)}`,
    `DESCRIPTION:${forCalendar(entry.text)}`,
    'STATUS:CONFIRMED',
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]
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
