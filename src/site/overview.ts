import { type Html, html } from './html'
import type { Messages } from './messages'
import { moment, utc } from './moments'
import type { Component, ComponentState, SiteState } from './state'
import { stateIcon } from './state-icon'

const WORST_FIRST: readonly ComponentState[] = ['attention', 'maintenance', 'verifying', 'unknown', 'operational']

/** The worst state of any component; without components nothing is confirmed. */
export function overallState(state: SiteState): ComponentState {
  const states = state.maintenances.flatMap((maintenance) => maintenance.components.map((c) => c.state))
  return WORST_FIRST.find((worst) => states.includes(worst)) ?? 'unknown'
}

export function worstFirst(components: readonly Component[]): Component[] {
  return [...components].sort((a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state))
}

/** One file: its own title. Several share the page under a plain word. */
export function siteTitle(state: SiteState, messages: Messages): string {
  const [first, second] = state.maintenances
  return first !== undefined && second === undefined ? first.title : messages.page
}

/** What the script writes instead where nothing was heard for long of what goes on; nothing where nothing goes on. */
function whenSilent(state: SiteState, text: string): Html | null {
  const overall = overallState(state)
  const seen = state.maintenances.flatMap(({ active }) => active.map((run) => run.seenAt)).sort()
  const last = seen.at(-1)
  if (last === undefined || (overall !== 'maintenance' && overall !== 'verifying')) return null
  return html` data-seen="${last}" data-silent="${text}"`
}

/** The answer to the one question a visitor comes with. */
export function banner(state: SiteState, messages: Messages): Html {
  const overall = overallState(state)
  const { text } = messages
  return html`<div class="hero is-${overall}">${stateIcon(overall)}<h1${whenSilent(state, text.silent)}>${messages.headline[overall]}</h1>
<p${whenSilent(state, text.silentExplain)}>${messages.explain[overall]}</p>
<p class="when">${messages.text.updated} ${moment(state.updatedAt, 'moment', messages)}${utc(messages)}</p></div>`
}
