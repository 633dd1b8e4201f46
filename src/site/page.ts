import { createHash } from 'node:crypto'
import { Html, type HtmlValue, html } from './html'
import { fill, type Messages } from './messages'
import { SCRIPT } from './script'
import type { ComponentState } from './state'
import { STYLE } from './style'

export interface PageParts {
  readonly title: string
  readonly state: ComponentState
  /** A maintenance goes on: the page loads itself again while it is open. */
  readonly live: boolean
  readonly body: HtmlValue
  readonly messages: Messages
}

const POLICY = [
  "default-src 'none'",
  `style-src '${hashOf(STYLE)}'`,
  `script-src '${hashOf(SCRIPT)}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** A whole page. Nothing is loaded from anywhere, and only the style and the script in it are allowed (H42). */
export function page({ title, state, live, body, messages }: PageParts): string {
  const { text } = messages
  const markup = html`<!doctype html>
<html lang="${messages.lang}" data-live="${live ? 'yes' : 'no'}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<meta name="description" content="${messages.headline[state]}">
<link rel="icon" href="${icon(state)}">
<link rel="alternate" type="application/atom+xml" href="feed.atom" title="${title}">
<style>${Html.literal(STYLE)}</style>
</head>
<body class="is-${state}${live ? ' is-live' : ''}">
<a class="skip" href="#content">${messages.skip}</a>
<header class="wrap top">
<a class="brand" href="index.html">${LOGO}${title}</a>
<nav class="links" aria-label="${text.subscribe}"><a href="maintenance.ics">${text.calendar}</a><a href="feed.atom">${text.feed}</a><a href="status.json">${text.data}</a></nav>
</header>
<main class="wrap" id="content">${body}</main>
<footer class="wrap"><p id="zone" data-text="${fill(text.inZone, {})}">${text.inUtc}</p><p>${text.madeBy}</p></footer>
<script>${Html.literal(SCRIPT)}</script>
</body>
</html>
`
  return markup.markup
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

/** The corner of a chequered flag. */
const LOGO = Html.literal(
  '<svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true"><rect x=".75" y=".75" width="20.5" height="20.5" rx="5.25" fill="none" stroke="currentColor" stroke-width="1.5"/><path fill="currentColor" d="M5 5h4v4H5zM13 5h4v4h-4zM9 9h4v4H9zM5 13h4v4H5zM13 13h4v4h-4z"/></svg>',
)

const ICON_COLOUR: Readonly<Record<ComponentState, string>> = {
  operational: '1c8a58',
  maintenance: 'c77700',
  verifying: '6a58e0',
  attention: 'd13b41',
  unknown: '7b7f87',
}

function icon(state: ComponentState): string {
  return `data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Ccircle cx=%228%22 cy=%228%22 r=%227%22 fill=%22%23${ICON_COLOUR[state]}%22/%3E%3C/svg%3E`
}
