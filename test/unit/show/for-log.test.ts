import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forLog } from '../../../src/show/for-log'
import { Redactor } from '../../../src/show/redact'

const none = new Redactor([])
const line = (text: string, host: string | null = 'web-1') => forLog(text, host, none).join('\n')

test('H9: every line bears its host', () => expect(line('one\ntwo\n')).toBe('web-1 | one\nweb-1 | two'))

test.each([
  ['::error::x', ': :error: :x'],
  ['  ::set-output name=a::b', '  : :set-output name=a: :b'],
  ['\u00a0::error::x', '\u00a0: :error: :x'],
  ['text ::add-mask::e', 'text : :add-mask: :e'],
  ['##[error]x', '# #[error]x'],
  ['a ###[group]x', 'a ## #[group]x'],
  ['#\u200b#[error]', '# #[error]'],
  [':\u001b[0m:error::', ': :error: :'],
  ['listening on [::]:80', 'listening on [::]:80'],
  ['fe80::1%eth0', 'fe80::1%eth0'],
])('H9: %j cannot become a workflow command', (text, shown) => expect(line(text, null)).toBe(shown))

test.each([
  ['a\rb', 'web-1 | a\nweb-1 | b'],
  ['a\r\nb', 'web-1 | a\nweb-1 | b'],
  ['a\u2028b', 'web-1 | a\nweb-1 | b'],
  ['\u001b[31mred\u001b[0m', 'web-1 | red'],
  ['\u001b]0;title\u0007text', 'web-1 | text'],
  ['\u009b31mred', 'web-1 | red'],
  ['a\u0000\u0008\u0085b', 'web-1 | ab'],
  ['\u202egnp.exe', 'web-1 | gnp.exe'],
  ['\ud800x', 'web-1 | x'],
  ['a\tb', 'web-1 | a    b'],
  ['', ''],
])('H9: of %j only plain text is left', (text, shown) => expect(line(text)).toBe(shown))

test('H9: a long line is cut at 2,000 characters, and says so', () => {
  expect(line('😀'.repeat(2001), null)).toBe(`${'😀'.repeat(2000)} … (1 more characters)`)
  expect(line('x'.repeat(2000), null)).toBe('x'.repeat(2000))
})

test('H10: a secret with a control inside is masked too', () => {
  const redactor = new Redactor([{ name: 'S', value: 'hunter2!' }])
  expect(forLog('hun\u001b[1mter2! hunter2!', 'web-1', redactor)).toEqual(['web-1 | *** ***'])
})

test('H9: no text makes a command, a control or a line without its host', () => {
  const hostile = fc.string({
    unit: fc.oneof(
      fc.constantFrom(':', '#', '[', ' ', '\r', '\n', '\u001b', '\u200b', '\u0085', 'm', ']', '\u202e'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  })
  fc.assert(
    fc.property(hostile, (text) => {
      for (const shown of forLog(text, null, none)) {
        expect(shown.trimStart().startsWith('::')).toBe(false)
        expect(shown).not.toContain('##[')
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/)
      }
      for (const shown of forLog(text, 'web-1', none)) expect(shown.startsWith('web-1 | ')).toBe(true)
    }),
    { numRuns: 500 },
  )
})
