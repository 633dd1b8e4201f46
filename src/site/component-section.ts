import { type Html, html } from './html'
import { fill, type Messages } from './messages'
import { moment, utc } from './moments'
import { worstFirst } from './overview'
import type { Component, Maintenance, SiteState } from './state'

/** Components shown at most: the worst first, the rest counted. */
const MOST = 40

/** Every group with its state; more than one maintenance file has a list each. */
export function componentSection(state: SiteState, messages: Messages): Html {
  const several = state.maintenances.length > 1
  const lists = state.maintenances.map((maintenance, i) => {
    const id = `services-${i + 1}`
    const heading = several ? maintenance.title : messages.text.components
    return html`<section aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>${list(maintenance, messages)}</section>
`
  })
  return html`${lists}`
}

function list({ components }: Maintenance, messages: Messages): Html {
  if (components.length === 0) return html`<p class="card empty">${messages.text.noComponents}</p>`
  const shown = worstFirst(components).slice(0, MOST)
  const rest = components.length - shown.length
  const more = rest === 0 ? null : html`<li><span class="meta">${fill(messages.text.more, { count: rest })}</span></li>`
  return html`<ul class="card rows">${shown.map((component) => row(component, messages))}${more}</ul>`
}

function row(component: Component, messages: Messages): Html {
  const { text } = messages
  const facts = [
    ...counts(component, messages),
    ...(component.overdue === true ? [text.overdue] : []),
    ...(component.verifiedAt === null
      ? []
      : [html`${text.lastVerified} ${moment(component.verifiedAt, 'moment', messages)}${utc(messages)}`]),
  ]
  const meta =
    facts.length === 0
      ? null
      : html`<span class="meta">${facts.map((fact, i) => (i === 0 ? fact : html` · ${fact}`))}</span>`
  return html`<li><span class="name">${component.name}</span><span class="state is-${component.state}">${messages.component[component.state]}</span>${meta}</li>
`
}

function counts({ hosts, busy, waiting }: Component, { text }: Messages): string[] {
  if (hosts === null) return []
  return [
    hosts === 1 ? text.oneServer : fill(text.servers, { all: hosts }),
    ...(busy ? [fill(text.serversBusy, { busy })] : []),
    ...(waiting ? [fill(text.serversWaiting, { waiting })] : []),
  ]
}
