import { Marked, type Tokens } from 'marked'
import { forHtml } from '../show/for-html'
import { timelineChart } from './timeline-chart'

/** Tags that the summary itself writes. Anything else that looks like HTML is shown as text. */
const OWN_TAGS = /<\/?(?:details|summary)>|<br>/g

/** The job summary as a page of its own, for those who read it outside GitHub. No script, nothing is loaded. Pure. */
export function summaryPage(markdown: string, title: string): string {
  const body = new Marked({ renderer: { html, link, image, code, heading } }).parse(markdown, { async: false })
  return PAGE.replace('{title}', () => forHtml(title)).replace('{body}', () => body)
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
  return chart ?? `<pre><code>${forHtml(text)}</code></pre>\n`
}

/** The sign before a verdict as a dot in its colour: not every browser has a font with the sign itself. */
const SIGNS: Readonly<Record<string, string>> = {
  '❌': 'bad',
  '⛔': 'bad',
  '⚠️': 'warn',
  '✅': 'good',
  '⏸️': 'calm',
  '📋': 'calm',
  '📣': 'calm',
}

function heading({ text, depth }: Tokens.Heading): string {
  const [sign, colour] = Object.entries(SIGNS).find(([one]) => text.startsWith(`${one} `)) ?? ['', undefined]
  const mark = colour === undefined ? '' : `<span class="verdict ${colour}" aria-hidden="true"></span>`
  return `<h${depth}>${mark}${forHtml(text.slice(sign.length).trimStart())}</h${depth}>\n`
}

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --code: #eff1f3; --page: #ffffff; --stage: #2f6f4f; --bad: #b3261e; --warn: #9a6700 }
@media (prefers-color-scheme: dark) { :root { --text: #f0f3f6; --soft: #a5afb9; --line: #3d444d; --code: #1f252c; --page: #0d1117; --stage: #4fae7f; --bad: #ff7b72; --warn: #d29922 } }
body { margin: 0 auto; max-width: 52rem; padding: 1.5rem 1rem 3rem; font: 1rem/1.55 system-ui, sans-serif; color: var(--text); background: var(--page) }
h2 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 1rem; padding-bottom: .4rem; border-bottom: 1px solid var(--line) }
h2 .verdict { display: inline-block; width: .7em; height: .7em; margin-right: .45em; border-radius: 50%; background: var(--soft) }
h2 .good { background: var(--stage) }
h2 .bad { background: var(--bad) }
h2 .warn { background: var(--warn) }
h3 { font-size: 1.15rem; margin: 2rem 0 .6rem }
table { border-collapse: collapse; display: block; overflow-x: auto }
th, td { border: 1px solid var(--line); padding: .35rem .7rem; text-align: left }
code { font: .86em ui-monospace, monospace; background: var(--code); padding: .12em .35em; border-radius: .3em; overflow-wrap: anywhere }
pre { background: var(--code); padding: .8rem; overflow-x: auto; border-radius: .4em }
pre code { padding: 0 }
ul { padding-left: 1.3rem }
a { color: inherit }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; fill: var(--text) }
svg .stage { fill: var(--stage) }
svg .bad { fill: var(--bad) }
svg .axis { fill: var(--soft) }
</style>
</head>
<body>
<main>
{body}</main>
</body>
</html>
`
