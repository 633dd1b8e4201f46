import { expect } from 'vitest'
import { forCsv } from '../../../src/show/for-csv'
import { forHtml } from '../../../src/show/for-html'
import { forLog } from '../../../src/show/for-log'
import { markdownBlock, markdownSpan } from '../../../src/show/for-markdown'
import { Redactor } from '../../../src/show/redact'
import type { UnitAttack } from './unit-attack'

const redactor = new Redactor([])

/** What a host may say, by what it hopes for. */
const TEXTS: Readonly<Record<string, readonly [string, string]>> = {
  command: ['a workflow command', '::error::owned'],
  'command-later': ['a workflow command behind other text', 'all well ::set-output name=verdict::live'],
  'command-cr': ['a workflow command behind a carriage return', 'ok\r::error::owned'],
  'old-command': ['a command in the old form', 'x ##[error]owned'],
  'old-command-split': ['a command that a control splits', '##\x1b[0m[error]owned'],
  'command-hidden': ['a workflow command split by an invisible mark', ':\u200b:error:\u200b:owned'],
  'command-line': ['a workflow command behind a line separator', 'a\u2028::error::owned'],
  clear: ['sequences that clear the screen', '\x1b[2J\x1b[3J\x1b[H'],
  title: ['a sequence that sets the title', '\x1b]0;owned\x07after'],
  link: ['a link of the terminal', '\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\'],
  'eight-bit': ['sequences of one byte', '\x9b2J\x9d0;owned\x9c'],
  backspace: ['backspaces that rewrite the line', 'held\b\b\b\blive'],
  bidi: ['marks that turn the text around', '\u202eevil\u202c\u2066x\u2069'],
  nul: ['NUL and other controls', 'a\x00b\x01c\x7f'],
  surrogate: ['half a character', 'a\ud800b'],
  fence: ['fences of markdown', '```\n# owned\n```'],
  'long-fence': ['a very long fence', '`'.repeat(500)],
  table: ['the end of a cell', 'a | b | c\n| --- |'],
  image: ['an image of markdown', '![x](http://evil/?q=1)'],
  html: ['a script', '</pre><script>owned()</script>'],
  attribute: ['the end of an attribute', '" onmouseover="owned()'],
  formula: ['a formula', "=cmd|' /C calc'!A0"],
  'formula-tab': ['a formula behind a tab', '\t=1+1'],
  long: ['a line of a megabyte', 'x'.repeat(2 ** 20)],
  lines: ['a hundred thousand lines', 'x\n'.repeat(100_000)],
}

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/

const PLACES: Readonly<Record<string, readonly [string, (text: string) => void]>> = {
  log: [
    'no line of the log is a command, moves the cursor or is endless',
    (text) => {
      for (const line of forLog(text, 'web-1', redactor)) {
        expect(line).not.toMatch(CONTROLS)
        expect(line).not.toMatch(/##\[/)
        expect(line.slice('web-1 | '.length)).not.toMatch(/(^|\s)::/)
        expect(line).toMatch(/^web-1 \| /)
        expect(line.length).toBeLessThan(2_100)
      }
    },
  ],
  span: [
    'it stays inside its code span, on one line of bounded length',
    (text) => {
      const span = markdownSpan(text)
      const fence = /^`+/.exec(span)?.[0] ?? ''
      const inside = span.slice(fence.length, -fence.length)
      expect(span).toMatch(/^`[^\n|]*`$/)
      expect(span).not.toMatch(CONTROLS)
      expect((inside.match(/`+/g) ?? []).every((run) => run.length < fence.length)).toBe(true)
      expect(span.length).toBeLessThan(1_000)
    },
  ],
  block: [
    'it stays inside its fenced block, of bounded length',
    (text) => {
      const [first = '', ...rest] = markdownBlock(text, 4_000).split('\n')
      const last = rest.pop() ?? ''
      expect(first).toBe(`${last}text`)
      expect(last).toMatch(/^`{3,}$/)
      expect(rest.some((line) => line.trimStart().startsWith(last))).toBe(false)
      expect(rest.join('\n').length).toBeLessThan(4_100)
    },
  ],
  page: ['nothing of it is markup', (text) => expect(forHtml(text)).not.toMatch(/[<>"'`]|\x1b/)],
  cell: [
    'it is one quoted cell, and no formula',
    (text) => {
      const cell = forCsv(text)
      expect(cell.slice(1, -1).replaceAll('""', '')).not.toContain('"')
      expect(cell).toMatch(/^"(?![=+\-@\t\r])/)
    },
  ],
}

export const textAttacks: readonly UnitAttack[] = Object.entries(TEXTS).flatMap(([id, [what, text]]) =>
  Object.entries(PLACES).map(([place, [must, holds]]) => ({
    id: `text-${id}-${place}`,
    where: 'text' as const,
    does: `prints ${what}, which is shown in a ${place}`,
    must,
    holds: () => holds(text),
  })),
)
