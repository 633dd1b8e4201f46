import fc from 'fast-check'

/** Words that mean something to somebody on the way: shells, paths, terminals, the runner, JSON, numbers. */
const WORDS: readonly string[] = [
  ...[
    '../../../../owned',
    '/etc/passwd',
    '..',
    '.',
    '/',
    '\\',
    '__proto__',
    'constructor',
    'runner',
    'db-1',
    'lb-1',
    'web-2',
  ],
  ...[
    '$(touch owned)',
    '`touch owned`',
    ';touch owned',
    '\n',
    '\r',
    '\x00',
    '\x1b[2J',
    '::error::owned',
    '##[error]owned',
  ],
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '=',
    ' ',
    '-1',
    '0',
    '08',
    '999999999999',
    '1e309',
    'NaN',
    'null',
    'true',
    'false',
  ],
  ...[
    'over 0\n',
    'end 0 0 1.00 0\n',
    'begin 0 1.00\n',
    'data 0 9999999 0\n',
    'nospace\n',
    'lease-lost\n',
    'touched=false\n',
  ],
]

type Change = (text: string) => string

const word = fc.constantFrom(...WORDS)
const place = fc.double({ min: 0, max: 1, noNaN: true })
const at = (text: string, share: number) => Math.floor(share * text.length)

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(place, word).map(
    ([p, w]) =>
      (text: string) =>
        text.slice(0, at(text, p)) + w + text.slice(at(text, p)),
  ),
  fc.tuple(place, place).map(
    ([p, q]) =>
      (text: string) =>
        text.slice(0, at(text, Math.min(p, q))) + text.slice(at(text, Math.max(p, q))),
  ),
  fc.tuple(place, place, fc.integer({ min: 2, max: 300 })).map(([p, q, times]) => (text: string) => {
    const [from, to] = [at(text, Math.min(p, q)), at(text, Math.max(p, q))]
    return text.slice(0, from) + text.slice(from, Math.min(to, from + 2_000)).repeat(times) + text.slice(to)
  }),
  place.map((p) => (text: string) => text.slice(0, at(text, p))),
  // What stands behind a sign of assignment, or a whole JSON value, becomes another word.
  fc.tuple(place, word).map(
    ([p, w]) =>
      (text: string) =>
        replaceValue(text, p, w),
  ),
  fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(
    ([p, byte]) =>
      (text: string) =>
        text.slice(0, at(text, p)) + String.fromCharCode(byte) + text.slice(at(text, p) + 1),
  ),
  fc.tuple(place, place).map(
    ([p, q]) =>
      (text: string) =>
        swapLines(text, p, q),
  ),
)

function replaceValue(text: string, share: number, by: string): string {
  const values = [...text.matchAll(/(?<==)[^\n]*|"(?:[^"\\]|\\.)*"|\b\d+\b|\btrue\b|\bfalse\b/g)]
  const chosen = values[Math.min(values.length - 1, Math.floor(share * values.length))]
  if (chosen === undefined) return text
  const isQuoted = chosen[0].startsWith('"')
  return (
    text.slice(0, chosen.index) + (isQuoted ? JSON.stringify(by) : by) + text.slice(chosen.index + chosen[0].length)
  )
}

function swapLines(text: string, p: number, q: number): string {
  const lines = text.split('\n')
  const [i, j] = [Math.floor(p * (lines.length - 1)), Math.floor(q * (lines.length - 1))]
  ;[lines[i], lines[j]] = [lines[j] ?? '', lines[i] ?? '']
  return lines.join('\n')
}

/** A valid text of a host, changed in one to four places. */
export const mutated = (valid: string): fc.Arbitrary<string> =>
  fc.array(changes, { minLength: 1, maxLength: 4 }).map((list) => list.reduce((text, change) => change(text), valid))

/** One change of an answer on the way, for a host that is otherwise honest. */
export const mutation: fc.Arbitrary<Change> = fc
  .array(changes, { minLength: 1, maxLength: 3 })
  .map((list) => (text: string) => list.reduce((sofar, change) => change(sofar), text))
