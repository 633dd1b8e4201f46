import type { StageName } from '../plan/step'
import { english } from './messages.en'
import { indonesian } from './messages.id'
import type { ComponentState, PastVerdict } from './state'

/** Every word of the page and its feeds. `{…}` is filled in. */
export interface Messages {
  readonly lang: 'en' | 'id'
  readonly months: readonly string[]
  readonly page: string
  readonly skip: string
  readonly headline: Readonly<Record<ComponentState, string>>
  readonly explain: Readonly<Record<ComponentState, string>>
  readonly component: Readonly<Record<ComponentState, string>>
  readonly stage: Readonly<Record<StageName, { readonly name: string; readonly says: string }>>
  readonly between: string
  readonly past: Readonly<Record<PastVerdict, string>>
  readonly text: Readonly<
    Record<
      | 'now'
      | 'components'
      | 'upcoming'
      | 'history'
      | 'noUpcoming'
      | 'noHistory'
      | 'noComponents'
      | 'allHistory'
      | 'back'
      | 'updated'
      | 'inUtc'
      | 'inZone'
      | 'since'
      | 'lastVerified'
      | 'overdue'
      | 'started'
      | 'lastWord'
      | 'silent'
      | 'silentExplain'
      | 'silentRun'
      | 'verified'
      | 'ended'
      | 'stageOf'
      | 'serversDone'
      | 'oneServer'
      | 'servers'
      | 'serversBusy'
      | 'serversWaiting'
      | 'longest'
      | 'planned'
      | 'inProgress'
      | 'verifyingNow'
      | 'live'
      | 'rolledBack'
      | 'held'
      | 'untouched'
      | 'unreachable'
      | 'more'
      | 'calendar'
      | 'feed'
      | 'data'
      | 'madeBy'
      | 'utc'
      | 'subscribe'
      | 'second'
      | 'minute'
      | 'hour'
      | 'brief',
      string
    >
  >
}

export function messagesIn(language: 'en' | 'id'): Messages {
  return language === 'id' ? indonesian : english
}

/** Fills in `{name}`; what is filled in is not read again. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
