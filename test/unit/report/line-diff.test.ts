import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineDiff } from '../../../src/report/line-diff'

test.each([
  ['a\nb\nc\n', 'a\nx\nc\n', ['-b', '+x']],
  ['a\n', 'a\nb\nc\n', ['+b', '+c']],
  ['a\nb\nc\n', 'a\nc\n', ['-b']],
  ['', 'a\n', ['+a']],
  ['a\n', '', ['-a']],
  ['a\r\nb\r\n', 'a\nb\n', []],
])('%j to %j', (before, after, lines) => {
  expect(lineDiff(before, after).lines).toEqual(lines)
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })

test('as many lines are added and removed as the texts differ by, and no line is lost', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const end = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join('')
      const { added, removed, lines } = lineDiff(end(before), end(after))
      expect(before.length - removed + added).toBe(after.length)
      const left: string[] = [...before]
      for (const line of lines.filter((one) => one.startsWith('-'))) left.splice(left.indexOf(line.slice(1)), 1)
      const all = [...left, ...lines.filter((one) => one.startsWith('+')).map((one) => one.slice(1))]
      expect(all.sort()).toEqual([...after].sort())
    }),
  )
})

test('texts too long to compare exactly count as replaced', () => {
  const long = (word: string) => Array.from({ length: 2_000 }, (_, i) => `${word} ${i}`).join('\n')
  expect(lineDiff(long('a'), long('b'))).toMatchObject({ added: 2_000, removed: 2_000 })
})
