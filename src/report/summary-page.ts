import { Marked, type Tokens } from 'marked'
import { forHtml } from '../show/for-html'
import { timelineChart } from './timeline-chart'

/** Tags that the summary itself writes. Anything else that looks like HTML is shown as text. */
const OWN_TAGS = /<\/?(?:details|summary|b)>/g

/** The job summary as a page of its own, for those who read it outside GitHub. No script, nothing is loaded. Pure. */
export function summaryPage(markdown: string, title: string): string {
  const body = new Marked({ renderer: { html, link, image, code } }).parse(markdown, { async: false })
  return PAGE.replace('{title}', () => forHtml(title)).replace('{body}', () => withDots(asWholePage(body)))
}

function html({ text }: Tokens.HTML | Tokens.Tag): string {
  let out = ''
  let from = 0
  for (const tag of text.matchAll(OWN_TAGS)) {
    out += forHtml(text.slice(from, tag.index)) + tag[0]
    from = tag.index + tag[0].length
  }
  return out + forHtml(text.slice(from))
}

/** Only what leads to the web is a link; the words stay in any case. */
function link({ href, text }: Tokens.Link): string {
  return /^https?:\/\//.test(href) ? `<a href="${forHtml(href)}" rel="noreferrer">${forHtml(text)}</a>` : forHtml(text)
}

/** A page that loads nothing shows no pictures. */
function image({ text }: Tokens.Image): string {
  return forHtml(text)
}

function code({ text, lang }: Tokens.Code): string {
  const chart = lang === 'mermaid' ? timelineChart(text) : null
  return chart ?? `<pre tabindex="0"><code>${forHtml(text)}</code></pre>\n`
}

/** In a summary GitHub's own heading stands above; here ours is the first. What is wide is scrolled by itself. */
function asWholePage(body: string): string {
  return body
    .replace(/<(\/?)h([23])>/g, (_, end: string, depth: string) => `<${end}h${Number(depth) - 1}>`)
    .replaceAll('<table>', '<div class="wide" tabindex="0" role="group" aria-label="table"><table>')
    .replaceAll('</table>', '</table></div>')
}

/** Signs as dots in their colours: not every browser has a font with the signs themselves. */
const SIGNS: Readonly<Record<string, string>> = {
  '❌': 'bad',
  '⛔': 'bad',
  '❔': 'warn',
  '⚠️': 'warn',
  '↩️': 'warn',
  '🔒': 'check',
  '✅': 'good',
  '➖': 'calm',
  '⏸️': 'calm',
  '📋': 'calm',
  '📣': 'calm',
}
const ANY_SIGN = new RegExp(`(${Object.keys(SIGNS).join('|')}) ?`, 'g')

/** Words of hosts are in code, and stay as they are. */
function withDots(body: string): string {
  const parts = body.split(/(<code>[^<]*<\/code>)/)
  const dotted = (part: string) =>
    part.replace(ANY_SIGN, (_, sign: string) => `<span class="dot ${SIGNS[sign]}" aria-hidden="true"></span>`)
  return parts.map((part, i) => (i % 2 === 1 ? part : dotted(part))).join('')
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --code: #eff1f3; --page: #ffffff; --good: #17734a; --bad: #b4232a; --warn: #b3751a; --check: #5442c4; --calm: #a5adb6 }
@media (prefers-color-scheme: dark) { :root { --text: #f0f3f6; --soft: #a5afb9; --line: #3d444d; --code: #1f252c; --page: #0d1117; --good: #4cc38a; --bad: #ff8f8f; --warn: #f0b04a; --check: #a99cff; --calm: #6b7480 } }
body { margin: 0 auto; max-width: 52rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.55 system-ui, sans-serif; color: var(--text); background: var(--page) }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; padding-bottom: .4rem; border-bottom: 1px solid var(--line) }
.dot { display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 50%; background: var(--calm) }
.dot.good, .dot.back { background: var(--good) }
.dot.bad { background: var(--bad) }
.dot.warn, .dot.work { background: var(--warn) }
.dot.check { background: var(--check) }
h2 { font-size: 1.15rem; margin: 2rem 0 .6rem }
.wide { overflow-x: auto }
table { border-collapse: collapse }
th, td { white-space: nowrap; border: 1px solid var(--line); padding: .35rem .7rem; text-align: left }
code { font: .86em ui-monospace, monospace; background: var(--code); padding: .12em .35em; border-radius: .3em; overflow-wrap: anywhere }
pre { background: var(--code); padding: .8rem; overflow-x: auto; border-radius: .4em }
pre code { padding: 0 }
ul, ol { padding-left: 1.3rem }
li { margin: .2rem 0 }
li p { margin: .4rem 0 }
details { margin: .4rem 0 }
summary { cursor: pointer }
a { color: inherit }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: var(--text) }
svg .calm { fill: var(--calm) }
svg .work { fill: var(--warn) }
svg .check { fill: var(--check) }
svg .back { fill: var(--good) }
svg .bad { fill: var(--bad) }
.legend { color: var(--soft); font-size: .875rem }
.legend .dot:not(:first-child) { margin-left: .8rem }
svg .axis { fill: var(--soft) }
</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
`
