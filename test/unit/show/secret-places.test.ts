import { expect, test } from 'vitest'
import { Redactor } from '../../../src/show/redact'
import { shownPlaces } from './places'

const SECRET = `p4ss&w0rd/"it's"<\\$+ü`
const LINES = 'first line of it\nwx+z\nlast-line of it'
const DIGITS = '81549300'
const redactor = new Redactor([SECRET, LINES, DIGITS].map((value, at) => ({ name: `S${at}`, value })))

const json = (text: string) => JSON.stringify(text).slice(1, -1)
const units = (text: string, write: (code: number) => string) => [...text].map((c) => write(c.charCodeAt(0))).join('')
const entities = (text: string) =>
  text.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[c] ?? c)
const hex4 = (code: number) => code.toString(16).padStart(4, '0')
/** What of the secret stands in base64 the same, whatever surrounds it. */
const inBase64 = (text: string, offset: number) => {
  const whole = Buffer.from('x'.repeat(offset) + text).toString('base64')
  return whole.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + Buffer.byteLength(text)) * 8) / 6))
}

const FORMS: Readonly<Record<string, string>> = {
  raw: SECRET,
  hex: Buffer.from(SECRET).toString('hex'),
  'hex in capitals': Buffer.from(SECRET).toString('hex').toUpperCase(),
  'HTML entities': entities(SECRET),
  'HTML entities by number': units(SECRET, (code) => `&#${code};`),
  'HTML entities by number in hex': units(SECRET, (code) => `&#x${code.toString(16)};`),
  '\\u00XX for what HTML means': json(SECRET).replace(/[<>&'ü]/g, (c) => `\\u${hex4(c.charCodeAt(0))}`),
  '\\u00XX for every character': units(SECRET, (code) => `\\u${hex4(code)}`),
  JSON: json(SECRET),
  'JSON inside JSON': json(json(SECRET)),
  'ASCII JSON inside JSON': json(json(SECRET).replaceAll('ü', '\\u00fc')),
  'percent encoding': encodeURIComponent(SECRET),
  'double percent encoding': encodeURIComponent(encodeURIComponent(SECRET)),
  'base64, aligned': inBase64(SECRET, 0),
  'base64, one byte in': inBase64(SECRET, 1),
  'base64, two bytes in': inBase64(SECRET, 2),
  'a line of several': 'last-line of it',
  'a line of four characters': 'wx+z',
  'a line in base64': inBase64('first line of it', 1),
  'nothing but digits': DIGITS,
}
const PLACES = [
  ...['log', 'annotations', 'outputs', 'summary', 'comment', 'page', 'feeds', 'plan', 'report', 'journal'],
  ...['step logs', 'notices', 'errors'],
]

test.each(Object.entries(FORMS))('H10: a secret as %s is seen nowhere', async (_form, shown) => {
  const places = await shownPlaces(`got ${shown} there`, redactor)
  expect(Object.keys(places)).toEqual(PLACES)
  for (const [place, text] of Object.entries(places)) {
    // As it is, and as data of JSON or of HTML shows it again.
    for (const seen of [shown, json(shown), entities(shown)])
      expect([place, text.includes(seen)]).toEqual([place, false])
  }
  for (const place of [
    'log',
    'annotations',
    'summary',
    'report',
    'journal',
    'step logs',
    'notices',
    'errors',
    'plan',
    'comment',
  ])
    expect([place, places[place]?.includes('***')]).toEqual([place, true])
  for (const line of (places.journal ?? '').trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  for (const place of ['plan', 'report']) expect(() => JSON.parse(places[place] ?? '')).not.toThrow()
})

test.each(['\u0000', '\u200b', '\u001b[31m', '\u202e'])(
  'H10: a secret that a host breaks with %j is seen nowhere where that is taken out',
  async (control) => {
    const secret = 'correct-horse'
    const own = new Redactor([{ name: 'S', value: secret }])
    const places = await shownPlaces(`got correct${control}-horse there`, own)
    for (const [place, text] of Object.entries(places)) expect([place, text.includes(secret)]).toEqual([place, false])
    for (const place of ['log', 'report', 'journal', 'notices', 'summary', 'annotations', 'errors'])
      expect([place, places[place]?.includes('***')]).toEqual([place, true])
  },
)

test.each(['held', 'verify', 'live', 'failed', 'true', 'null', 'step.output', 'web-1'])(
  'H10: a secret that is a word of ours ("%s") leaves events, verdicts and names as they are',
  async (word) => {
    const places = await shownPlaces('some text', new Redactor([{ name: 'S', value: word }]))
    const report = JSON.parse(places.report ?? '')
    expect(report.run.verdict).toBe('held')
    expect(report.hosts).toMatchObject([{ name: 'web-1', verdict: 'held' }])
    expect(places['step logs']).toBe('before some text after\n')
  },
)
