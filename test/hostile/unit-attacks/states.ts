import { expect } from 'vitest'
import { parseLook, parseTake } from '../../../src/host/lease'
import { parseState } from '../../../src/host/state'
import type { UnitAttack } from './unit-attack'

const LINES: Readonly<Record<string, string>> = {
  v: '1',
  run: 'OLD',
  token: '1',
  phase: 'update',
  touched: 'true',
  drained: 'true',
  since: '',
  ledger: '',
  ledgerVerdict: '',
  lastMaintained: '',
}

const lines = (said: Readonly<Record<string, string | null>>) =>
  Object.entries({ ...LINES, ...said })
    .flatMap(([key, value]) => (value === null ? [] : `${key}=${value}\n`))
    .join('')

/** Nothing of it is believed: who asks is told that the state cannot be read. */
const STATES: Readonly<Record<string, readonly [string, string]>> = {
  'no-version': ['no version', lines({ v: null })],
  'other-version': ['another version', lines({ v: '2' })],
  'version-text': ['a version with a blank', lines({ v: '1 ' })],
  'no-token': ['no token', lines({ token: null })],
  'token-text': ['a token that is a word', lines({ token: 'x' })],
  'token-negative': ['a negative token', lines({ token: '-1' })],
  'token-long': ['a token of ten digits', lines({ token: '1234567890' })],
  'token-exponent': ['a token with an exponent', lines({ token: '1e9' })],
  'token-hex': ['a token in hex', lines({ token: '0x10' })],
  'no-phase': ['no phase', lines({ phase: null })],
  'phase-unknown': ['a phase that does not exist', lines({ phase: 'owned' })],
  'phase-proto': ['a phase called constructor', lines({ phase: 'constructor' })],
  'no-touched': ['nothing about whether it was changed', lines({ touched: null })],
  'touched-upper': ['TRUE for true', lines({ touched: 'TRUE' })],
  'touched-number': ['1 for true', lines({ touched: '1' })],
  'no-drained': ['nothing about whether it was drained', lines({ drained: null })],
  'run-slash': ['a run with a slash', lines({ run: 'a/b' })],
  'run-shell': ['a run in shell text', lines({ run: '$(id)' })],
  'run-quote': ['a run with a quote', lines({ run: "a'b" })],
  'run-blank': ['a run with a blank', lines({ run: 'a b' })],
  'run-escape': ['a run in terminal sequences', lines({ run: '\x1b[2J' })],
  'run-nul': ['a run with a NUL', lines({ run: 'a\x00b' })],
  'since-long': ['a time of a thousand characters', lines({ since: '9'.repeat(1_000) })],
  'verdict-markup': ['a verdict in markup', lines({ ledgerVerdict: '<b>live</b>' })],
  'no-equals': ['a line without a value', `${lines({})}owned\n`],
  'no-key': ['a line without a key', `${lines({})}=x\n`],
  'carriage-returns': ['lines that end as on another system', lines({}).replaceAll('\n', '\r\n')],
  json: ['JSON', JSON.stringify(LINES)],
}

const TAKES: Readonly<Record<string, readonly [string, string]>> = {
  empty: ['nothing', ''],
  'safe-only': ['that the folder is safe, and no more', 'safe\n'],
  'no-safe': ['a lease without a word on the folder', 'taken 5 0\nend\n'],
  'token-long': ['a token of ten digits', 'safe\ntaken 1234567890 0\nend\n'],
  'token-blank': ['two blanks', 'safe\ntaken  5 0\nend\n'],
  'undos-long': ['undos of seven digits', 'safe\ntaken 5 1234567\nend\n'],
  'no-end': ['a state without an end', 'safe\ntaken 5 0\nv=1\n'],
  'held-blank': ['a run with a blank', 'safe\nheld 1 a b c\n'],
  'held-long': ['a run of a thousand characters', `safe\nheld 1 ${'r'.repeat(1_000)} -\n`],
  'alive-long': ['a folder of ten thousand characters', `safe\nalive 1 /${'d'.repeat(10_000)}\n`],
  'unsafe-relative': ['an unsafe folder that is no path', 'unsafe srv\n'],
}

const LOOKS: Readonly<Record<string, readonly [string, string]>> = {
  empty: ['nothing', ''],
  maybe: ['that it may be leased', 'leased maybe\nend\n'],
  'no-end': ['half a state', `leased no\n${lines({})}`],
  upper: ['NO for no', 'leased NO\nend\n'],
}

const rows = (kind: string, from: typeof STATES, does: string, must: string, holds: (text: string) => void) =>
  Object.entries(from).map(
    ([id, [what, text]]): UnitAttack => ({
      id: `${kind}-${id}`,
      where: kind === 'state' ? 'state' : 'lease',
      does: `${does} ${what}`,
      must,
      holds: () => holds(text),
    }),
  )

export const stateAttacks: readonly UnitAttack[] = [
  ...rows('state', STATES, 'has in its state', 'the state counts as unreadable', (text) =>
    expect(parseState(text)).toBeNull(),
  ),
  ...rows('take', TAKES, 'answers the taking of its lease by', 'the lease is not taken', (text) =>
    expect(parseTake(text).t).toBe('unknown'),
  ),
  ...rows('look', LOOKS, 'answers a look at its lease by', 'nothing is known of it', (text) =>
    expect(parseLook(text)).toBeNull(),
  ),
]
