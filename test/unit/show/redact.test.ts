import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors'
import { MASK, Redactor } from '../../../src/show/redact'

const secret = `p4ss w0rd/"it's"\\$+ü`
const of = (...values: string[]) => new Redactor(values.map((value, i) => ({ name: `S${i}`, value })))
const base64 = (text: string) => Buffer.from(text).toString('base64')

test.each([
  ['raw', secret],
  ['in JSON', JSON.stringify({ secret }).slice(11, -2)],
  ['in JSON with every letter beyond ASCII escaped', 'p4ss w0rd/\\"it\'s\\"\\\\$+\\u00fc'],
  ['in JSON with escaped slashes', 'p4ss w0rd\\/\\"it\'s\\"\\\\$+ü'],
  ['percent encoded by encodeURIComponent', encodeURIComponent(secret)],
  ['percent encoded in lower case', encodeURIComponent(secret).replace(/%../g, (c) => c.toLowerCase())],
  ['in a form', new URLSearchParams({ a: secret }).toString().slice(2)],
  ['in single quotes of a shell', `p4ss w0rd/"it'\\''s"\\$+ü`],
  ['in double quotes of a shell', `p4ss w0rd/\\"it's\\"\\\\\\$+ü`],
  ['as printf %q writes it', `p4ss\\ w0rd/\\"it\\'s\\"\\\\\\$+ü`],
  ['in base64', base64(secret)],
  ['in base64url', Buffer.from(secret).toString('base64url')],
])('H10: a secret is masked %s', (_form, shown) => {
  expect(of(secret).text(`before ${shown} after`)).toMatch(/^before \*\*\*=* after$/)
})

test.each([0, 1, 2, 3, 4, 5])('H10: a secret inside base64 is masked, %i bytes in', (offset) => {
  const shown = base64(`${'x'.repeat(offset)}correct horse battery${'y'.repeat(5)}`)
  const clean = of('correct horse battery').text(shown)
  expect(clean).toContain(MASK)
  expect(Buffer.from(clean, 'base64').toString('latin1')).not.toContain('orrect horse batter')
})

test('H10: a secret in base64 that is broken into lines is masked', () => {
  const long = 'correct horse battery staple, and then some more of it'
  const wrapped = base64(`user:${long}`).replace(/.{20}/g, '$&\n')
  expect(of(long).text(wrapped).replaceAll('\n', '')).toMatch(/^.{1,8}\*\*\*.?=*$/)
})

test('H10: each line of a secret is masked, the frame of a key is not', () => {
  const key =
    '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAAline-one-of-it\nBBBBline-two-of-it\n-----END OPENSSH PRIVATE KEY-----\n'
  const redactor = of(key)
  expect(redactor.text('got BBBBline-two-of-it')).toBe('got ***')
  expect(redactor.text(key.trim())).toBe(MASK)
  expect(redactor.text(key.replaceAll('\n', '\r\n'))).not.toContain('line-one')
  expect(redactor.text('-----BEGIN OPENSSH PRIVATE KEY-----')).toBe('-----BEGIN OPENSSH PRIVATE KEY-----')
})

test.each(['', 'abc', ' abc ', '\n\n\n\n'])(
  'H10: the secret "%s" is refused, by name and without showing it',
  (value) => {
    const make = () => new Redactor([{ name: 'APP_KEY', value }])
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(/^APP_KEY: a secret under 4 characters cannot be masked$/)
  },
)

test('without secrets nothing is changed or held back', () => {
  expect(of().text('abc')).toBe('abc')
  expect(of().stream().push('abc')).toBe('abc')
})

const word = fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }).filter((s) => s.trim().length >= 4)

test('H10: no secret is seen, whatever is around it and however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 1, maxLength: 3 }),
      fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
      fc.array(fc.nat(200), { maxLength: 6 }),
      (secrets, around, cuts) => {
        fc.pre(secrets.every((s) => !MASK.includes(s) && !s.includes('**')))
        const redactor = of(...secrets)
        const text = [...around, ''].map((piece, i) => piece + (secrets[i] ?? secrets[0])).join('')
        const stream = redactor.stream()
        const marks = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length]
        const streamed =
          marks
            .slice(1)
            .map((to, i) => stream.push(text.slice(marks[i], to)))
            .join('') + stream.end()
        for (const shown of [redactor.text(text), streamed]) {
          expect(shown).toContain(MASK)
          const left = shown.split(MASK)
          for (const s of secrets) expect(left.some((piece) => piece.includes(s))).toBe(false)
        }
      },
    ),
  )
})

test('H10: a stream holds back only what may be the beginning of a secret', () => {
  const stream = of('correct horse battery').stream()
  expect(stream.push('a line of text\ncorrect h')).toBe('a line of text\n')
  expect(stream.push('o')).toBe('')
  expect(stream.push('use')).toBe('correct house')
  expect(stream.push(' correct horse')).toBe(' ')
  expect(stream.push(' battery') + stream.end()).toBe('***')
})

test('H10: a stream finds base64 that is broken into lines and chunks', () => {
  const long = 'correct horse battery staple, and then some more of it'
  const wrapped = base64(`user:${long}`).replace(/.{20}/g, '$&\n')
  const stream = of(long).stream()
  const shown = [...wrapped].map((character) => stream.push(character)).join('') + stream.end()
  expect(shown.replaceAll('\n', '')).toMatch(/^.{1,8}\*\*\*.?=*$/)
})

test('H10: text without a secret passes a stream unchanged', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 10 }), (chunks) => {
      const stream = of('a-secret-that-is-not-there').stream()
      expect(chunks.map((chunk) => stream.push(chunk)).join('') + stream.end()).toBe(chunks.join(''))
    }),
  )
})

test('H10: time does not grow with how alike text and secret are, in one piece and in chunks', () => {
  // Looked at again for each character of the secret, this would take a quarter of an hour.
  const redactor = of('a'.repeat(500))
  const stream = redactor.stream()
  let shown = ''
  for (let at = 0; at < 4_000; at++) shown += stream.push('a'.repeat(1_000))
  shown += stream.push('b') + stream.end()
  expect(shown).toMatch(/^\*+b$/)
  expect(redactor.text(`${'a'.repeat(4_000_000)}b`)).toBe('***b')
})

test('H10: secrets that lie over one another are masked whole, however they are cut', () => {
  const stream = of('abcabc').stream()
  const shown = [...'xabcabcabcx'].map((character) => stream.push(character)).join('') + stream.end()
  expect(shown).toMatch(/^x\*+x$/)
})

test('H10: hex that is broken into lines is masked', () => {
  const long = 'correct horse battery staple, and then some'
  const wrapped = Buffer.from(long).toString('hex').replace(/.{60}/g, '$&\n')
  expect(of(long).text(`dump:\n${wrapped}\nend`)).toBe('dump:\n***\nend')
})
