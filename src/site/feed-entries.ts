import { tallyText } from './history-section'
import type { Messages } from './messages'
import { momentText } from './moments'
import type { PastRun, SiteState } from './state'
import { type TitledUpcoming, upcomingWindows } from './upcoming-section'

/** One maintenance as a feed and a calendar tell it. All text is still as it came. */
export interface FeedEntry {
  /** The same as long as it is the same maintenance. */
  readonly id: string
  readonly title: string
  readonly text: string
  readonly from: string
  /** null: not known yet. */
  readonly to: string | null
  readonly changedAt: string
  readonly kind: 'planned' | 'active' | 'past'
}

const MOST_PAST = 20

/** Planned, running and ended maintenance, newest first. */
export function feedEntries(state: SiteState, messages: Messages): FeedEntry[] {
  const planned = upcomingWindows(state).map((window) => plannedEntry(window, messages))
  const past = state.history.slice(0, MOST_PAST).map((run) => pastEntry(run, messages))
  return [...planned.reverse(), ...activeEntries(state, messages), ...past]
}

function plannedEntry(window: TitledUpcoming, messages: Messages): FeedEntry {
  return {
    id: `${window.maintenance}-${Date.parse(window.from) / 1000}`,
    title: `${messages.text.planned}: ${window.title}`,
    text: `${momentText(window.from, messages)} – ${momentText(window.to, messages)}. ${window.components.join(', ')}`,
    from: window.from,
    to: window.to,
    changedAt: window.announcedAt,
    kind: 'planned',
  }
}

function activeEntries(state: SiteState, messages: Messages): FeedEntry[] {
  return state.maintenances.flatMap(({ title, active }) =>
    active.map((run): FeedEntry => {
      const verifying = run.stage === 'verify' || run.stage === 'golive'
      return {
        id: run.run,
        title: `${verifying ? messages.text.verifyingNow : messages.text.inProgress}: ${title}`,
        text: `${run.stage === null ? messages.between : messages.stage[run.stage].says} ${run.components.join(', ')}`,
        from: run.startedAt,
        to: null,
        changedAt: run.seenAt,
        kind: 'active',
      }
    }),
  )
}

function pastEntry(run: PastRun, messages: Messages): FeedEntry {
  const tallies = run.tallies.map((tally) => `${tally.component}: ${tallyText(tally, messages)}`)
  const end = run.verifiedAt ?? run.endedAt
  const word = run.verifiedAt === null ? messages.text.ended : messages.text.verified
  const times = `${messages.text.started} ${momentText(run.startedAt, messages)}${end === null ? '' : `, ${word} ${momentText(end, messages)}`}`
  return {
    id: run.run,
    title: `${messages.past[run.verdict]}: ${run.title}`,
    text: [times, ...tallies].join('. '),
    from: run.startedAt,
    to: end,
    changedAt: run.endedAt ?? run.startedAt,
    kind: 'past',
  }
}
