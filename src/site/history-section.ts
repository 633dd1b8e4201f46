import { type Html, html } from './html'
import { fill, type Messages } from './messages'
import { moment, timeSpan, utc } from './moments'
import type { ComponentState, PastRun, PastVerdict, Tally } from './state'

const MOST_TALLIES = 12

const LOOK: Readonly<Record<PastVerdict, ComponentState>> = {
  live: 'operational',
  partial: 'maintenance',
  held: 'attention',
  failed: 'attention',
  interrupted: 'unknown',
}

/** Runs that ended, newest first, each with its real start and the time it was verified. */
export function historyList(runs: readonly PastRun[], messages: Messages, heading: 'h2' | 'h3'): Html {
  if (runs.length === 0) return html`<p class="card empty">${messages.text.noHistory}</p>`
  return html`<ol class="past">${runs.map((run) => entry(run, messages, heading))}</ol>`
}

function entry(run: PastRun, messages: Messages, heading: 'h2' | 'h3'): Html {
  const verdict = messages.past[run.verdict]
  const title = heading === 'h2' ? html`<h2>${verdict}</h2>` : html`<h3>${verdict}</h3>`
  const tallies = run.tallies.slice(0, MOST_TALLIES).map((tally) => tallyLine(tally, messages))
  const rest = run.tallies.length - tallies.length
  const more = rest === 0 ? null : html`<li>${fill(messages.text.more, { count: rest })}</li>`
  return html`<li class="is-${LOOK[run.verdict]}">${title}
<p class="meta">${times(run, messages)}</p>${run.tallies.length === 0 ? null : html`<ul>${tallies}${more}</ul>`}${names(run, messages)}</li>
`
}

/** `22 Nov 2026, 02:00 – verified 02:41 UTC`: the end is the moment of proof; without it, when the run ended. */
function times(run: PastRun, messages: Messages): Html {
  const { text } = messages
  const start = html`${text.started} ${moment(run.startedAt, 'moment', messages)}`
  const [word, at] = run.verifiedAt === null ? [text.ended, run.endedAt] : [text.verified, run.verifiedAt]
  const end =
    at === null
      ? null
      : html`, ${word} ${moment(at, at.slice(0, 10) === run.startedAt.slice(0, 10) ? 'time' : 'moment', messages)}`
  const longest =
    run.downtimeMs === null ? null : html` · ${fill(text.longest, { time: timeSpan(run.downtimeMs, messages) })}`
  return html`${run.title} · ${start}${end}${utc(messages)}${longest}`
}

function tallyLine(tally: Tally, messages: Messages): Html {
  return html`<li><b>${tally.component}</b> ${tallyText(tally, messages)}</li>`
}

/** `3 live, 1 kept back` */
export function tallyText(tally: Tally, { text }: Messages): string {
  const counts = [
    [text.live, tally.live],
    [text.rolledBack, tally.rolledBack],
    [text.held, tally.held],
    [text.unreachable, tally.unreachable],
    [text.untouched, tally.untouched],
  ] as const
  return counts.flatMap(([words, count]) => (count === 0 ? [] : [fill(words, { count })])).join(', ')
}

function names(run: PastRun, { text }: Messages): Html | null {
  if (run.notLive.length === 0) return null
  const word = {
    'rolled-back': text.rolledBack,
    held: text.held,
    untouched: text.untouched,
    unreachable: text.unreachable,
  }
  const verdicts = [...new Set(run.notLive.map(({ verdict }) => verdict))]
  return html`<ul>${verdicts.map((verdict) => {
    const hosts = run.notLive.filter((host) => host.verdict === verdict).map(({ name }) => name)
    return html`<li>${fill(word[verdict], { count: hosts.length })}: ${hosts.join(', ')}</li>`
  })}</ul>`
}
