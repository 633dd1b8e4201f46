import { activeSection } from './active-section'
import { componentSection } from './component-section'
import { historyList } from './history-section'
import { type Html, html } from './html'
import type { Messages } from './messages'
import { banner, overallState, siteTitle } from './overview'
import { page } from './page'
import type { PastRun, SiteState } from './state'
import { upcomingSection } from './upcoming-section'

/** Ended runs on the first page; the others have a page of their own. */
const RECENT = 5

/** No page is larger than this, in bytes. */
const MOST_PAGE_BYTES = 50_000

export function indexPage(state: SiteState, messages: Messages): string {
  return render(
    state,
    messages,
    html`${banner(state, messages)}
${activeSection(state, messages)}${componentSection(state, messages)}${upcomingSection(state, messages)}
<section aria-labelledby="past"><h2 id="past">${messages.text.history}</h2>${historyList(state.history.slice(0, RECENT), messages, 'h3')}
${state.history.length > RECENT ? html`<p class="more"><a href="history.html">${messages.text.allHistory}</a></p>` : null}</section>`,
  )
}

/** As many ended runs as the size of a page allows, newest first. */
export function historyPage(state: SiteState, messages: Messages): string {
  for (let runs = state.history; ; runs = runs.slice(0, Math.floor(runs.length * 0.8))) {
    const text = render(state, messages, historyBody(runs, messages))
    if (runs.length === 0 || Buffer.byteLength(text) < MOST_PAGE_BYTES) return text
  }
}

function historyBody(runs: readonly PastRun[], messages: Messages): Html {
  return html`<h1>${messages.text.history}</h1><section>${historyList(runs, messages, 'h2')}
<p class="more"><a href="index.html">${messages.text.back}</a></p></section>`
}

function render(state: SiteState, messages: Messages, body: Html): string {
  return page({
    title: siteTitle(state, messages),
    state: overallState(state),
    live: state.maintenances.some(({ active }) => active.length > 0),
    body,
    messages,
  })
}
