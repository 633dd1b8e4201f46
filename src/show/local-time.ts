/** `Sun 2026-11-22 02:00 – 05:00 (Asia/Jakarta)`: from one moment to another, in ms since 1970, on the clocks of a zone. */
export function localSpan(fromMs: number, toMs: number, timezone: string): string {
  const from = localParts(fromMs, timezone)
  const to = localParts(toMs, timezone)
  const end = from.day === to.day ? to.time : `${to.day} ${to.time}`
  return `${from.day} ${from.time} – ${end} (${timezone})`
}

function localParts(atMs: number, timezone: string): { readonly day: string; readonly time: string } {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  })
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ''
  return {
    day: `${part('weekday')} ${part('year')}-${part('month')}-${part('day')}`,
    time: `${part('hour')}:${part('minute')}`,
  }
}
