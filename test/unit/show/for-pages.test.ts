import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forCsv } from '../../../src/show/for-csv'
import { forHtml } from '../../../src/show/for-html'
import { markdownBlock, markdownSpan } from '../../../src/show/for-markdown'

test.each([
  ['plain', '`plain`'],
  ['a `b` c', '``a `b` c``'],
  ['`', '`` ` ``'],
  ['a | b \\| c', '`a ¦ b \\¦ c`'],
  ['two\nlines', '`two lines`'],
  ['', '` `'],
  ['<img src=x> @team [x](y)', '`<img src=x> @team [x](y)`'],
])('H41: %j is a code span in markdown', (text, shown) => expect(markdownSpan(text)).toBe(shown))

test('H41: nothing ends a code span or a block from inside', () => {
  const hostile = fc.string({ unit: fc.constantFrom('`', '~', '\n', '|', ' ', '\\', 'x', '<') })
  fc.assert(
    fc.property(hostile, (text) => {
      const span = markdownSpan(text)
      const fence = /^`+/.exec(span)?.[0] ?? ''
      expect(span).not.toMatch(/[|\n]/)
      if (span !== '` `')
        expect(
          (span.slice(fence.length, -fence.length).match(/`+/g) ?? []).every((run) => run.length < fence.length),
        ).toBe(true)
      const block = markdownBlock(text, 10_000).split('\n')
      const blockFence = (block[0] ?? '').replace('text', '')
      expect(block.slice(1, -1).some((line) => line.trim().startsWith(blockFence))).toBe(false)
      expect(block.at(-1)).toBe(blockFence)
    }),
  )
})

test('H41: long text is cut, and says so', () => {
  expect(markdownSpan('x'.repeat(301))).toBe(`\`${'x'.repeat(300)}…\``)
  expect(markdownBlock('abcdef', 3)).toBe('```text\nabc…\n```')
})

test('H42: text is text in HTML', () => {
  expect(forHtml(`<a href="x" id='y'>&\u0000\u001b[1m\`</a>`)).toBe(
    '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&#96;&lt;/a&gt;',
  )
})

test.each([
  ['=1+1', `"'=1+1"`],
  ['+1', `"'+1"`],
  ['-1', `"'-1"`],
  ['@SUM(A1)', `"'@SUM(A1)"`],
  ['\tx', `"'\tx"`],
  ['\rx', `"'\rx"`],
  ['say "hi", you', '"say ""hi"", you"'],
])('H43: %j is no formula in CSV', (text, cell) => expect(forCsv(text)).toBe(cell))
