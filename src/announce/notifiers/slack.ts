import { withoutControls } from '../../show/for-log'
import type { Delivery } from './deliver'
import type { Notice } from './notice'
import type { NoticeWords } from './words'

const LONGEST_TEXT = 500

/** A notice as a message of an incoming webhook. Slack cannot tell that it has seen one, so what may have arrived is not sent again. */
export function slackDelivery(
  notice: Notice,
  url: string,
  words: NoticeWords,
  hide: (text: string) => string,
): Delivery {
  const body = JSON.stringify({ text: slackText(notice, words, hide), unfurl_links: false, unfurl_media: false })
  return {
    isIdempotent: false,
    isDelivered: (end) => end.status === 200 && end.body.trim() === 'ok',
    request: () => ({ url, headers: { 'content-type': 'application/json; charset=utf-8' }, body }),
  }
}

function slackText(notice: Notice, words: NoticeWords, hide: (text: string) => string): string {
  // Masked once more: what is taken out may have stood inside a secret.
  const plain = (text: string) => plainText(text, hide)
  const name = `*${plain(notice.name)}*`
  const { total: _, ...counts } = notice.hosts
  const verdicts = Object.keys(words.hosts) as (keyof typeof words.hosts)[]
  const counted = verdicts.flatMap((verdict) => (counts[verdict] ? [`${counts[verdict]} ${words.hosts[verdict]}`] : []))
  const needsPerson = notice.kind === 'held' || (notice.hosts.held ?? 0) > 0
  return [
    `${signOf(notice)} ${headline(notice, name, words, plain)}`,
    ...(notice.host === null ? [] : [words.reason(plain(notice.host.reason))]),
    ...(notice.kind === 'finished' && counted.length > 0 ? [counted.join(', ')] : []),
    ...(needsPerson && notice.owner !== null ? [words.call(plain(notice.owner))] : []),
    ...(notice.url === null ? [] : [`<${escaped(notice.url)}|${words.openRun}>`]),
  ].join('\n')
}

function headline(notice: Notice, name: string, words: NoticeWords, plain: (text: string) => string): string {
  if (notice.kind === 'begun') return words.begun(name, notice.hosts.total)
  if (notice.kind === 'held') return words.held(name, notice.host === null ? null : `*${plain(notice.host.name)}*`)
  return words.finished(name, notice.verdict ?? 'failed')
}

function signOf({ kind, verdict }: Notice): string {
  if (kind === 'begun') return '🔧'
  if (kind === 'held') return '⛔'
  return verdict === 'live' ? '✅' : verdict === 'held' || verdict === 'failed' ? '⛔' : '⚠️'
}

/** Words that may come from a host: one line, without marks that Slack would read as links, mentions or styles. */
function plainText(text: string, hide: (text: string) => string): string {
  const line = withoutControls(text)
    .replace(/\s+/g, ' ')
    .replace(/[*_~`]/g, '')
    .trim()
  return escaped([...hide(line)].slice(0, LONGEST_TEXT).join(''))
}

/** `<!channel>` and links need angle brackets: there are none left. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
