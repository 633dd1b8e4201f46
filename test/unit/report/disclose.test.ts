import { expect, test } from 'vitest'
import { audienceOf, decideDisclosure } from '../../../src/report/disclose'

test.each([
  [{ repository: { private: true, visibility: 'private' } }, 'full'],
  [{ repository: { private: true, visibility: 'internal' } }, 'full'],
  [{ repository: { private: false, visibility: 'public' } }, 'counts'],
  [{ repository: { private: true, visibility: 'public' } }, 'counts'],
  [{ repository: { private: 'yes' } }, 'counts'],
  [{ repository: null }, 'counts'],
  [null, 'counts'],
])('H11: with %j outsiders may read as much as %s', (payload, disclosed) => {
  expect(decideDisclosure('auto', audienceOf(payload)).run).toBe(disclosed)
})

test.each([
  ['public', 'counts'],
  ['private', 'full'],
  ['unknown', 'counts'],
  ['terminal', 'full'],
] as const)(
  'H11: log, summary and comment of a run that is %s tell %s; page and notices do not depend on it',
  (audience, run) => {
    expect(decideDisclosure('auto', audience)).toEqual({ run, page: 'counts', notices: 'full' })
  },
)

test.each(['full', 'counts', 'none'] as const)('what the file says stands everywhere, whoever reads: %s', (setting) => {
  for (const audience of ['public', 'private', 'unknown', 'terminal'] as const)
    expect(decideDisclosure(setting, audience)).toEqual({ run: setting, page: setting, notices: setting })
})
