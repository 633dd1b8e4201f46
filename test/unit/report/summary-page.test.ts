import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { summaryPage } from '../../../src/report/summary-page'

const body = (markdown: string) => /<main>\n([\s\S]*)<\/main>/.exec(summaryPage(markdown, 'x'))?.[1] ?? ''

it('shows headings, tables and lists of a summary', () => {
  const page = body(readFileSync('test/cases/summary/one-held.md', 'utf8'))
  expect(page).toContain('<h1><span class="dot bad" aria-hidden="true"></span>held: 2 of 3 hosts need a person</h1>')
  expect(page).toContain('<td>web-1</td>')
  expect(page).toContain('<code>http:http://localhost:8080/health expected 200, got 502</code>')
})

it('draws the timeline, worst stages in their own colour', () => {
  const page = body(readFileSync('test/cases/summary/one-held.md', 'utf8'))
  expect(page.match(/<rect class="calm"/g)).toHaveLength(2)
  expect(page.match(/<rect class="work"/g)).toHaveLength(3)
  expect(page.match(/<rect class="bad"/g)).toHaveLength(1)
  expect(page).toContain('<title>verify, 50 s, failed</title>')
})

it('shows signs as dots, but not in words of hosts', () => {
  expect(body('- ⛔ held `⛔ held`')).toContain(
    '<span class="dot bad" aria-hidden="true"></span>held <code>⛔ held</code>',
  )
})

it('shows any other chart as its text', () => {
  expect(body('```mermaid\ngantt\n  section <b>\n  x :y\n```')).toBe(
    '<pre tabindex="0"><code>gantt\n  section &lt;b&gt;\n  x :y</code></pre>\n',
  )
})

it.each([
  ['a script', '<script>alert(1)</script>', /<script/],
  ['a script in a line', 'text <img src=x onerror=alert(1)> text', /<img/],
  ['an attribute on a tag of ours', '<details open ontoggle=alert(1)>', /<details open/],
  ['a link that runs', '[x](javascript:alert(1))', /href="javascript/],
  ['a link in disguise', '[x](JaVaScRiPt:alert(1))', /href=/],
  ['a picture', '![x](https://attacker.example/p.png)', /<img|attacker\.example/],
  ['markup in a code span', '`<svg onload=alert(1)>`', /<svg/],
  ['markup in a code block', '```html\n<svg onload=alert(1)>\n```', /<svg/],
  ['markup in a heading', '## <svg onload=alert(1)>', /<svg/],
  ['a comment', '<!-- --><iframe src=x>', /<iframe|<!--/],
])('H42: shows %s harmlessly', (_what, markdown, never) => {
  expect(body(markdown)).not.toMatch(never)
})

it('keeps what the summary folds away', () => {
  expect(body('<details><summary>12 more</summary>\n\n- a\n\n</details>')).toContain(
    '<details><summary>12 more</summary>',
  )
})

it('loads nothing and runs nothing', () => {
  const page = summaryPage('x', '<title>')
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  expect(page).toContain('<title>&lt;title&gt;</title>')
  expect(page).not.toMatch(/<script|<link|src=/)
})
