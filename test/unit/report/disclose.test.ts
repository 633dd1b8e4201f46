import { expect, test } from 'vitest'
import { audienceOf, disclosureOf, logDisclosureOf } from '../../../src/report/disclose'

test.each([
  [{ repository: { private: true, visibility: 'private' } }, 'full'],
  [{ repository: { private: true, visibility: 'internal' } }, 'full'],
  [{ repository: { private: false, visibility: 'public' } }, 'counts'],
  [{ repository: { private: true, visibility: 'public' } }, 'counts'],
  [{ repository: { private: 'yes' } }, 'counts'],
  [{ repository: null }, 'counts'],
  [null, 'counts'],
])('H11: with %j outsiders may read as much as %s', (payload, disclosed) => {
  expect(disclosureOf('auto', audienceOf(payload))).toBe(disclosed)
})

test.each([
  ['public', 'counts'],
  ['private', 'full'],
  ['unknown', 'full'],
  ['terminal', 'full'],
] as const)('H11: the live log of a run that is %s tells %s, unless the file says otherwise', (audience, disclosed) => {
  expect(logDisclosureOf('auto', audience)).toBe(disclosed)
  expect(logDisclosureOf('none', audience)).toBe('none')
})

test('what the file says stands, whoever reads', () => {
  expect(disclosureOf('full', 'public')).toBe('full')
  expect(disclosureOf('none', 'terminal')).toBe('none')
})

test('who started the command reads everything', () => expect(disclosureOf('auto', 'terminal')).toBe('full'))
