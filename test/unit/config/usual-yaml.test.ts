import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { usualYamlTree } from '../../../src/config/usual-yaml'
import { composedYamlTree, parseYamlTree } from '../../../src/config/yaml-tree'
import { blockDocument, PIECES } from './yaml-documents'

/** Whatever is read as usual must be what the reader of everything reads, with the same places, and without a problem. */
function expectSame(text: string): void {
  const tree = usualYamlTree(text, 'maintenance.yml')
  if (tree !== undefined) expect(composedYamlTree(text, 'maintenance.yml'), text).toEqual({ tree, problems: [] })
}

function isUsual(text: string): boolean {
  expectSame(text)
  return usualYamlTree(text, 'maintenance.yml') !== undefined
}

const VALUES = [
  '0777 0o17 0o8 0x1F 0xg -0x1 ~ null Null NULL nUll true TRUE True yes no on off y n',
  '1e3 1E+3 .5 5. . +1 -1 + - .inf -.inf +.INF .nan .NaN nan 1_000 12:30:45 2026-01-01 2026-01-01T00:00:00Z',
  '99999999999999999999 9007199254740993 -0 00 1.0 1.2.3 10.0.0.1 0b1 = a:b a#b http://h/x?y=1&z http: -x ?x :x x- x:y',
].flatMap((line) => line.split(' '))

describe('a value means the same to both readers', () => {
  it.each(VALUES)('%s', (value) => {
    for (const text of [
      `k: ${value}\n`,
      `k: [${value}, a]\n`,
      `k: { a: ${value} }\n`,
      `${value}: a\n`,
      `k: "${value}"\n`,
    ])
      expectSame(text)
  })
})

const USUAL: Readonly<Record<string, string>> = {
  'hosts in braces': 'version: 1\nhosts:\n  a: { address: 192.0.2.1, group: web }\n  b: { address: "192.0.2.2" }\n',
  'a mark of the document, comments, empty lines': '# why\n---\n\na: 1 # one\n# two\nb:\n  # three\n  - x\n\n  - y\n',
  'keys in quotes, numbers as keys': '"a b": 1\n1: 2\n0x1F: 3\n~: 4\ntrue: 5\n',
  'nothing behind a colon': 'a:\nb:   # nothing\nc: {d: , e: }\nf:',
  'texts over more than one line': "a: one\n  two\n\n  three\nb: \"one\n  two\"\nc: 'it''s\n\n  two'\n",
  'texts as blocks': 'a: | # why | not\n  one\n   two\n\n\nb: >-\n  one\n  two\nc:\n  - |+\n    x\n\n',
  'lists and mappings over more than one line': 'a: [\n  1,\n  { b: c,\n    d: e },\n  ]\nf: { }\ng: []\n',
  'lists that are not indented, mappings in lists': 'a:\n- b: 1\n  c: 2\n-   - d\n    - e\n',
  'no line break at the end': 'a: b',
  'letters of other scripts': 'a: é Ü 漢 😀\n',
}

describe('what people usually write is read fast', () => {
  it.each(Object.entries(USUAL))('%s', (_, text) => expect(isUsual(text)).toBe(true))
})

const UNUSUAL: Readonly<Record<string, string>> = {
  'an empty file': '',
  'a list or a text as a whole file': '- a\n',
  'an anchor': 'a: &x 1\n',
  'an alias': 'a: *x\n',
  'a tag': 'a: !!str 1\n',
  'a tab': 'a:\t1\n',
  CRLF: 'a: 1\r\nb: 2\r\n',
  'a byte order mark': '\ufeffa: 1\n',
  'a second document': 'a: 1\n---\nb: 2\n',
  'the end of a document': 'a: 1\n...\n',
  'a directive': '%YAML 1.2\n---\na: 1\n',
  'a merge key': '<<: { a: 1 }\n',
  'a key __proto__': 'a: { "__proto__": 1 }\n',
  'a key that is there twice': 'a: 1\n"a": 2\n',
  'a key with a question mark': '? a\n: 1\n',
  'a pair in a list': 'a: [b: 1]\n',
  'an empty item': 'a:\n  -\n  - b\n',
  'a list as a key': '[a]: 1\n',
  'a long key': `${'k'.repeat(1030)}: 1\n`,
  'a block with a number': 'a: |1\n  b\n',
  'a block without text': 'a: |+\n\n    ',
  'a text behind quotes': 'a:\n- "b"0: c\n',
  'a mark that is indented': ' ---\na: 1\n',
  'many levels': `a: ${'['.repeat(21)}${']'.repeat(21)}\n`,
}

describe('what is unusual is left to the reader of everything', () => {
  it.each(Object.entries(UNUSUAL))('%s', (_, text) => expect(isUsual(text)).toBe(false))
})

it('every case of this repository reads the same', () => {
  for (const text of [...caseTexts(), ...examplesIn('docs')]) expectSame(text)
})

it('a generated document reads the same, as written and with something put into it or taken away', () => {
  fc.assert(
    fc.property(blockDocument, fc.nat(), fc.constantFrom('', ...PIECES), fc.nat(3), (text, at, piece, taken) => {
      expectSame(text)
      const cut = at % (text.length + 1)
      expectSame(text.slice(0, cut) + piece + text.slice(cut + taken))
    }),
    { numRuns: 1500 },
  )
})

it('many of the generated documents are usual: the comparison is not of nothing', () => {
  const usual = fc.sample(blockDocument, { numRuns: 300, seed: 1 }).filter(isUsual)
  expect(usual.length).toBeGreaterThan(30)
})

it('any sequence of the pieces of YAML reads the same', () => {
  const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 })
  fc.assert(
    fc.property(soup, (pieces) => {
      expectSame(pieces.join(''))
      expectSame(`k: ${pieces.join('')}`)
    }),
    { numRuns: 3000 },
  )
})

it('a file of ten thousand hosts is usual', () => {
  const hosts = Array.from({ length: 10_000 }, (_, i) => `  h${i}: { address: 10.0.${i >> 8}.${i & 255} }`)
  const text = `version: 1\nhosts:\n${hosts.join('\n')}\n`
  expect(parseYamlTree(Buffer.from(text), 'f').tree).toEqual(usualYamlTree(text, 'f'))
})

function caseTexts(): string[] {
  const folder = 'test/cases/config'
  const files = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')))
  return (files.flat() as { file: string[]; files?: Record<string, string[]> }[])
    .flatMap(({ file, files }) => [file, ...Object.values(files ?? {})])
    .map((lines) => `${lines.join('\n')}\n`)
}

/** YAML files, and what stands between the marks of YAML in pages. */
function examplesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:md|ya?ml)$/.test(name),
  )
  return names.flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    return name.endsWith('.md') ? [...text.matchAll(/```ya?ml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '') : [text]
  })
}
