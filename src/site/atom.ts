import { forHtml } from '../show/for-html'
import { type FeedEntry, feedEntries } from './feed-entries'
import type { Messages } from './messages'
import { siteTitle } from './overview'
import type { SiteState } from './state'

/** The Atom feed (RFC 4287). An entry keeps its id from the beginning of a maintenance to its end. */
export function atomFeed(state: SiteState, messages: Messages): string {
  const title = siteTitle(state, messages)
  const entries = feedEntries(state, messages).map((entry) => atomEntry(entry))
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${messages.lang}">
<id>urn:pitstop:site:${state.maintenances.map(({ id }) => id).join('.') || 'empty'}</id>
<title>${forXml(title)}</title>
<updated>${state.updatedAt}</updated>
<author><name>${forXml(title)}</name></author>
<link rel="self" type="application/atom+xml" href="feed.atom"/>
<link rel="alternate" type="text/html" href="index.html"/>
${entries.join('')}</feed>
`
}

function atomEntry(entry: FeedEntry): string {
  return `<entry>
<id>urn:pitstop:${entry.kind === 'planned' ? 'window' : 'run'}:${forXml(entry.id)}</id>
<title>${forXml(entry.title)}</title>
<updated>${entry.changedAt}</updated>
<published>${entry.kind === 'planned' ? entry.changedAt : entry.from}</published>
<link rel="alternate" type="text/html" href="index.html"/>
<content type="text">${forXml(entry.text)}</content>
</entry>
`
}

/** One line of text for XML 1.0, which forbids more characters than HTML does (H42). */
function forXml(text: string): string {
  return forHtml(text)
    .replace(/\s+/g, ' ')
    .replace(/[\ufffe\uffff]/g, '')
}
