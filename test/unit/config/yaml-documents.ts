import * as fc from 'fast-check'

/** What YAML is made of, right and wrong. */
export const PIECES: readonly string[] = [
  ...[
    'a',
    'k',
    'x y',
    '"q"',
    "'s'",
    '"a b"',
    '""',
    "''",
    '"',
    "'",
    '\\',
    '"a\\x41"',
    '"a\\\n',
    'é',
    '😀',
    '\u00a0',
    '\u0085',
  ],
  ...[': ', ': ', ':', ':\n', '- ', '- ', '-', '? ', '?', '{', '}', '[', ']', ',', ', ', '{}', '[]', '{a: 1, b: [c]}'],
  ...['\n', '\n', '\n ', '\n  ', '\n    ', '\n\n', ' ', '  ', '#', ' # c', '\n# c\n', '\t', '\r\n'],
  ...['|', '>', '|-\n', '>+\n', '|2\n', '&a ', '*a', '!t ', '---', '---\n', '...\n', '%', '@', '`', '<<', '__proto__'],
  ...[
    '~',
    'null',
    'true',
    'yes',
    '0777',
    '0o17',
    '0x1F',
    '1e3',
    '.inf',
    '.nan',
    '12:30:45',
    '1_000',
    '2026-01-01',
    'a#b',
  ],
]

const SCALARS: readonly string[] = [
  ...[
    'a',
    'b c',
    '1',
    '0777',
    '0x1F',
    '~',
    'yes',
    'true',
    '1e3',
    '.inf',
    '12:30:45',
    '10.0.0.1',
    'a:b',
    'a#b',
    '-x',
    ':x',
  ],
  ...['"q: x"', "'it''s'", '"\\n\\u00e9"', '"one\n          two"', "'one\n\n          two'", 'one\n          two', ''],
]
const COMMENTS = ['\n', '\n', '\n', '\n', ' # note | > "x"\n', '  \n', '\n\n', '\n   # {x}\n', '\n# [x\n']
const LINES = ['text', '# none', 'a: b', '- x', '  more', 'é | >', '{', 'trail  ', '']

type Block = (depth: number) => fc.Arbitrary<(indent: number) => string>

const flow: fc.Arbitrary<string> = fc.letrec<{ node: string; list: string; map: string; text: string }>((tie) => ({
  text: fc.constantFrom(...SCALARS),
  list: fc
    .tuple(fc.array(tie('node'), { maxLength: 3 }), gap())
    .map(([items, g]) => `[${g}${items.join(`,${g}`)}${g}]`),
  map: fc
    .tuple(fc.uniqueArray(fc.constantFrom('a', 'b', '"q"', '1'), { maxLength: 3 }), fc.array(tie('node')), gap())
    .map(([keys, values, g]) => `{${g}${keys.map((key, i) => `${key}: ${values[i] ?? ''}`).join(`,${g}`)}${g}}`),
  node: fc.oneof({ maxDepth: 2 }, tie('text'), tie('list'), tie('map')),
})).node

function gap() {
  return fc.constantFrom('', ' ', ' ', '\n          ', '\n')
}

const ofLines: fc.Arbitrary<(indent: number) => string> = fc
  .tuple(fc.constantFrom('|', '>', '|-', '>+', '|2'), fc.constantFrom(...COMMENTS), fc.array(fc.constantFrom(...LINES)))
  .map(([mark, end, lines]) => (indent) => {
    const pad = ' '.repeat(indent + 2)
    return ` ${mark}${end.split('\n')[0]}\n${lines.map((line) => `${pad}${line}\n`).join('')}`
  })

const onOneLine = fc.tuple(fc.oneof(fc.constantFrom(...SCALARS), flow), fc.constantFrom(...COMMENTS)).map(
  ([value, end]) =>
    () =>
      ` ${value}${end}`,
)

/** A value as it stands behind a colon or a dash. */
const value: Block = (depth) => (depth === 0 ? onOneLine : fc.oneof(onOneLine, ofLines, map(depth), list(depth)))

const map: Block = (depth) =>
  fc
    .tuple(
      fc.array(value(depth - 1), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...COMMENTS),
      fc.integer({ min: 1, max: 4 }),
    )
    .map(([values, end, step]) => (indent) => {
      const pad = ' '.repeat(indent + step)
      return `${end}${values.map((inner, i) => `${pad}${['a', '"b"', 'c d'][i]}:${inner(indent + step)}`).join('')}`
    })

const list: Block = (depth) =>
  fc
    .tuple(
      fc.array(value(depth - 1), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(...COMMENTS),
      fc.constantFrom(0, 2, 3),
    )
    .map(([values, end, step]) => (indent) => {
      const pad = ' '.repeat(indent + step)
      return `${end}${values.map((inner) => `${pad}-${inner(indent + step)}`).join('')}`
    })

/** A document in the forms that people write, most of them right. */
export const blockDocument: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('', '', '', '---\n', '# top\n', '# top\n---\n'),
    fc.array(value(3), { minLength: 1, maxLength: 4 }),
  )
  .map(([start, values]) => start + values.map((inner, i) => `${['x', 'y z', "'q'", '7'][i]}:${inner(0)}`).join(''))
