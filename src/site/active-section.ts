import { STAGES } from '../plan/step'
import { type Html, html } from './html'
import { fill, type Messages } from './messages'
import { moment, utc } from './moments'
import type { ActiveRun, SiteState } from './state'

/** What is being done now, with its place among the seven stages. Nothing where nothing is done. */
export function activeSection(state: SiteState, messages: Messages): Html | null {
  const runs = state.maintenances.flatMap(({ title, active }) => active.map((run) => ({ title, run })))
  if (runs.length === 0) return null
  return html`<section aria-labelledby="now"><h2 id="now">${messages.text.now}</h2>
${runs.map(({ title, run }) => card(title, run, messages))}</section>`
}

function card(title: string, run: ActiveRun, messages: Messages): Html {
  const { text } = messages
  const look = run.stage === 'verify' || run.stage === 'golive' ? 'verifying' : 'maintenance'
  const facts = [
    html`${text.started} ${moment(run.startedAt, 'moment', messages)}${utc(messages)}`,
    ...(run.hosts === null || run.done === null ? [] : [fill(text.serversDone, { done: run.done, all: run.hosts })]),
  ]
  return html`<article class="card run is-${look}"><header><h3>${title}</h3>${stageLabel(run, look, messages)}</header>
${steps(run, messages)}
<p class="says">${run.stage === null ? messages.between : messages.stage[run.stage].says}</p>
<p class="meta">${run.components.join(', ')}</p>
<p class="meta">${facts.map((fact, i) => (i === 0 ? fact : html` · ${fact}`))}</p>
<p class="meta" data-seen="${run.seenAt}" data-silent="${text.silentRun}">${text.lastWord} ${moment(run.seenAt, 'moment', messages)}${utc(messages)}</p></article>
`
}

function stageLabel(run: ActiveRun, look: 'verifying' | 'maintenance', { stage, text }: Messages): Html | null {
  if (run.stage === null) return null
  const number = STAGES.indexOf(run.stage) + 1
  const of = fill(text.stageOf, { number, all: STAGES.length })
  return html`<span class="state is-${look}">${of}: ${stage[run.stage].name}</span>`
}

function steps(run: ActiveRun, { stage }: Messages): Html {
  const at = run.stage === null ? -1 : STAGES.indexOf(run.stage)
  const bars = STAGES.map((name, i) => {
    const place = i < at ? 'done' : i === at ? 'at' : 'later'
    const current = i === at ? html` aria-current="step"` : null
    return html`<li class="${place}"${current}>${stage[name].name}</li>`
  })
  return html`<ol class="steps">${bars}</ol>`
}
