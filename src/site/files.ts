import { atomFeed } from './atom'
import { calendar } from './calendar'
import { messagesIn } from './messages'
import { historyPage, indexPage } from './pages'
import type { SiteState } from './state'

/** What the next run reads, and the mark of a branch that is ours. */
export const STATE_FILE = 'status.json'

/** The whole site: name of each file and its text. Pure. */
export function siteFiles(state: SiteState, language: 'en' | 'id'): ReadonlyMap<string, string> {
  const messages = messagesIn(language)
  return new Map([
    ['index.html', indexPage(state, messages)],
    ['history.html', historyPage(state, messages)],
    ['feed.atom', atomFeed(state, messages)],
    ['maintenance.ics', calendar(state, messages)],
    [STATE_FILE, `${JSON.stringify(state, null, 1)}\n`],
    // Without it GitHub would run the branch through Jekyll.
    ['.nojekyll', ''],
  ])
}
