import { expect } from 'vitest'
import { MASK, Redactor } from '../../../src/show/redact'
import type { UnitAttack } from './unit-attack'

const SECRET = 'correct-horse&battery<staple>'
const redactor = new Redactor([{ name: 'WORD', value: SECRET }])

const codes = (write: (code: number) => string) => [...SECRET].map((letter) => write(letter.charCodeAt(0))).join('')
const hex = (code: number) => code.toString(16).padStart(2, '0')
const base64 = (text: string) => Buffer.from(text).toString('base64')

/** Forms in which a host or a service may say a secret that it was given. */
const FORMS: Readonly<Record<string, readonly [string, string]>> = {
  raw: ['as it is', SECRET],
  json: ['in JSON', JSON.stringify(SECRET)],
  'json-json': ['in JSON inside JSON', JSON.stringify(JSON.stringify(SECRET))],
  'json-codes': ['in JSON, each letter as a code', codes((code) => `\\u00${hex(code)}`)],
  'json-codes-upper': [
    'in JSON, each letter as a code in upper case',
    codes((code) => `\\u00${hex(code).toUpperCase()}`),
  ],
  hex: ['in hex', codes(hex)],
  'hex-upper': ['in hex in upper case', codes((code) => hex(code).toUpperCase())],
  entities: ['in HTML', SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')],
  'entities-decimal': ['in HTML, each letter by its number', codes((code) => `&#${code};`)],
  'entities-hex': ['in HTML, each letter by its number in hex', codes((code) => `&#x${hex(code)};`)],
  percent: ['in a URL', encodeURIComponent(SECRET)],
  'percent-lower': ['in a URL in lower case', encodeURIComponent(SECRET).toLowerCase()],
  'percent-double': ['in a URL inside a URL', encodeURIComponent(encodeURIComponent(SECRET))],
  form: ['in a form', new URLSearchParams({ a: SECRET }).toString().slice(2)],
  base64: ['in base64', base64(SECRET)],
  'base64-1': ['in base64 behind one byte', base64(`x${SECRET}yyy`)],
  'base64-2': ['in base64 behind two bytes', base64(`xx${SECRET}yyy`)],
  'base64-lines': ['in base64 broken into lines', base64(`user:${SECRET}`).replace(/.{16}/g, '$&\n')],
  base64url: ['in base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  shell: ['in single quotes of a shell', `'${SECRET}'`],
}

/** The longest run of the shown form that is still there. */
function longestLeft(shown: string, form: string): number {
  const bare = (text: string) => text.replaceAll('\n', '')
  for (let size = bare(form).length; size > 12; size--)
    for (let i = 0; i + size <= bare(form).length; i++)
      if (bare(shown).includes(bare(form).slice(i, i + size))) return size
  return 0
}

export const secretAttacks: readonly UnitAttack[] = [
  ...Object.entries(FORMS).map(([id, [what, form]]) => ({
    id: `secret-${id}`,
    where: 'secret' as const,
    does: `says a secret ${what}`,
    must: 'it is masked',
    holds: () => {
      const shown = redactor.text(`before ${form} after`)
      expect(shown).toContain(MASK)
      expect(longestLeft(shown, form)).toBe(0)
    },
  })),
  ...[1, 2, 5, 11].map((size) => ({
    id: `secret-chunks-${size}`,
    where: 'secret' as const,
    does: `says a secret in pieces of ${size} bytes`,
    must: 'it is masked',
    holds: () => {
      const stream = redactor.stream()
      let shown = ''
      for (let i = 0; i < SECRET.length; i += size) shown += stream.push(SECRET.slice(i, i + size))
      shown += stream.end()
      expect(shown).toBe(MASK)
    },
  })),
]
