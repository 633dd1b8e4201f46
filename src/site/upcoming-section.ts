import { type Html, html } from './html'
import type { Messages } from './messages'
import { moment, span } from './moments'
import type { SiteState, Upcoming } from './state'

const MOST = 5

export interface TitledUpcoming extends Upcoming {
  readonly maintenance: string
  readonly title: string
}

/** The next windows of all maintenance files, soonest first. */
export function upcomingWindows(state: SiteState): TitledUpcoming[] {
  return state.maintenances
    .flatMap(({ id, title, upcoming }) => upcoming.map((window) => ({ ...window, maintenance: id, title })))
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from))
    .slice(0, MOST)
}

/** What is planned, computed from the windows of the maintenance file. */
export function upcomingSection(state: SiteState, messages: Messages): Html {
  const windows = upcomingWindows(state)
  const several = state.maintenances.length > 1
  const list =
    windows.length === 0
      ? html`<p class="card empty">${messages.text.noUpcoming}</p>`
      : html`<ul class="card plan">${windows.map((window) => row(window, several, messages))}</ul>`
  return html`<section aria-labelledby="planned"><h2 id="planned">${messages.text.upcoming}</h2>${list}</section>
`
}

function row(window: TitledUpcoming, several: boolean, messages: Messages): Html {
  const what = [...(several ? [window.title] : []), ...window.components]
  return html`<li><span class="date" aria-hidden="true"><span class="month">${moment(window.from, 'month', messages)}</span><span class="day">${moment(window.from, 'day', messages)}</span></span>
<div><p class="name">${span(window.from, window.to, messages)}</p><p class="meta">${what.join(', ')}</p></div></li>
`
}
