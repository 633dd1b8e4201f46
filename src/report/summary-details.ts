import { type Outcome, STAGES } from '../plan/step'
import { counted, spokenDuration } from '../show/duration'
import { markdownBlock, markdownSpan } from '../show/for-markdown'
import type { HostRecord } from './host-record'
import { BEFORE_THE_RUN, clockOf, outSince } from './out-since'
import { packageGroups } from './package-lines'
import { groupedByText, listedNames } from './plan-groups'
import type { ReportHost } from './report-schema'
import { standingSentence } from './standing-sentence'
import { folded, listSection, type SummaryInput, VERDICT_SIGN } from './summary-section'

const MOST_ROWS = 200
const LONGEST_COMMAND = 1_000
const OUTCOMES: readonly Outcome[] = ['done', 'unchanged', 'skipped', 'failed', 'interrupted']
const SIGN: Readonly<Record<Outcome, string>> = {
  done: '✓',
  unchanged: '=',
  skipped: '·',
  failed: '✗',
  interrupted: '!',
}

/** Hosts and their stages. The seven stages share one narrow column, so that the table fits a phone. */
export function hostSection({ hosts, record }: SummaryInput): string {
  if (hosts.length === 0) return ''
  const showsReboots = hosts.some((host) => host.reboot.done || host.reboot.needed === 'yes')
  const row = (cells: readonly string[]) => `| ${(showsReboots ? cells : cells.slice(0, 4)).join(' | ')} |`
  const rows = hosts
    .slice(0, MOST_ROWS)
    .map((host) =>
      row([host.name, verdictOf(host), stagesOf(host), downtimeOf(host, record.hosts.get(host.name)), rebootOf(host)]),
    )
  const rest =
    hosts.length > MOST_ROWS
      ? ['', `… and ${hosts.length - MOST_ROWS} more in report.json: ${countsOf(hosts.slice(MOST_ROWS))}`]
      : []
  return [
    '### Hosts',
    '',
    row(['host', 'verdict', 'stages', 'downtime', 'reboot']),
    row(['---', '---', '---', '---', '---']),
    ...rows,
    ...rest,
    '',
    legendOf(hosts),
  ].join('\n')
}

/** A host that users still reach says so beside its verdict; one that ran over its window too. */
function verdictOf(host: ReportHost): string {
  const serving = host.verdict === 'held' && host.isolation === 'exposed' ? ', still serving' : ''
  return `${VERDICT_SIGN[host.verdict]} ${host.verdict}${serving}${host.overrun ? ', past its window' : ''}`
}

/** One sign a stage, and the name of the one that went wrong. */
function stagesOf({ stages }: ReportHost): string {
  const wrong = stages.findLast(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')
  return `\`${stages.map((stage) => SIGN[stage.outcome]).join('')}\`${wrong === undefined ? '' : ` ${wrong.name}`}`
}

/** Only the signs that are in the table are explained. */
function legendOf(hosts: readonly ReportHost[]): string {
  const shown = new Set(hosts.slice(0, MOST_ROWS).flatMap(({ stages }) => stages.map(({ outcome }) => outcome)))
  const signs = OUTCOMES.filter((outcome) => shown.has(outcome)).map((outcome) => `${SIGN[outcome]} ${outcome}`)
  return `Stages: ${STAGES.join(', ')}. ${signs.join(', ')}.`
}

function downtimeOf(host: ReportHost, record: HostRecord | undefined): string {
  const since = outSince(host, record)
  if (since === BEFORE_THE_RUN) return 'out before the run'
  if (since !== null) return `out since ${clockOf(since)}`
  return host.downtimeMs === 0 ? 'none' : spokenDuration(host.downtimeMs)
}

function rebootOf(host: ReportHost): string {
  if (host.reboot.done) return 'done'
  return { yes: 'still needed', no: 'not needed', unknown: 'unknown' }[host.reboot.needed]
}

function countsOf(hosts: readonly ReportHost[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of hosts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
}

const FINDING_SIGN = { block: '⛔', warn: '⚠️', info: '' } as const

/** What monitor and the stages noticed, with advice; the urgent first, the merely interesting not at all. */
export function findingSection({ hosts, disclose }: SummaryInput): string {
  const shown = hosts.map((host) => ({ host, findings: host.findings.filter((f) => f.severity !== 'info') }))
  if (disclose !== 'full') {
    const counts = shown.filter(({ findings }) => findings.length > 0)
    const lines = counts.map(({ host, findings }) => `- **${host.name}** ${counted(findings.length, 'finding')}`)
    return listSection('Findings', lines, 100)
  }
  const lines = (['block', 'warn'] as const).flatMap((severity) => {
    const of = shown.flatMap(({ host, findings }) =>
      findings
        .filter((f) => f.severity === severity && !isStanding(f))
        .map((f) => [findingText(f), host.name] as const),
    )
    return groupedByText(of).map(([text, names]) => `- ${FINDING_SIGN[severity]} **${listedNames(names)}** ${text}`)
  })
  return listSection('Findings', [...lines, ...standingLines(shown)], 100)
}

/** What blocks is told in full for as long as it stands. */
const isStanding = (f: ReportHost['findings'][number]) => f.since !== undefined && f.severity !== 'block'

function standingLines(shown: readonly { readonly host: ReportHost; readonly findings: ReportHost['findings'] }[]) {
  const of = shown.flatMap(({ host, findings }) => {
    const since = findings.flatMap((f) => (isStanding(f) && f.since !== undefined ? [f.since] : []))
    return since.length === 0 ? [] : [[standingSentence(since), host.name] as const]
  })
  return groupedByText(of).map(([text, names]) => `- **${listedNames(names)}** ${text}`)
}

function findingText({ what, advice }: ReportHost['findings'][number]): string {
  return advice === '' ? markdownSpan(what) : `${markdownSpan(what)}\n  - ${markdownSpan(advice)}`
}

export function packageSection({ hosts, disclose }: SummaryInput): string {
  return listSection('Packages', packageGroups(hosts, 'changed', disclose), 50)
}

/** Upgrades that are there and were not made. A plan shows them host by host instead. */
export function pendingSection({ record, report }: SummaryInput): string {
  if (report.run.mode === 'plan') return ''
  // An update that was cut may still be at work: it left nothing alone.
  const waiting = [...record.hosts.values()].filter(
    ({ pending, packages, stages }) =>
      pending.length > 0 && packages.length === 0 && stages.get('update')?.outcome !== 'interrupted',
  )
  const said = groupedByText(waiting.map((host) => [counted(host.pending.length, 'upgrade'), host.facts.name] as const))
  const lines = said.map(([count, names]) => `- **${listedNames(names)}** ${count} left alone`)
  return listSection('Upgrades left alone', lines, 50)
}

/** What was kept before anything changed, and the command that brings it back, to be copied from its block. */
export function backupSection({ hosts, disclose }: SummaryInput): string {
  const lines = hosts.flatMap((host) => {
    if (host.backups.length === 0) return []
    const proved = host.backups.filter((backup) => backup.provedAt !== null).length
    const told = `${counted(host.backups.length, 'backup')}, ${proved === host.backups.length ? 'proved by restoring a sample' : `⚠️ only ${proved} proved`}`
    if (disclose !== 'full') return [`- **${host.name}** ${told}`]
    return [folded(`<b>${host.name}</b> ${told}`, host.backups.flatMap(backupLines))]
  })
  return listSection('Backups', lines, 100)
}

function backupLines({ id, provedAt, restoreWith }: ReportHost['backups'][number]): readonly string[] {
  const proof = provedAt === null ? '⚠️ not proved' : `proved ${provedAt.slice(11, 16)} UTC`
  return [`${markdownSpan(id)} ${proof}; restore with`, '', markdownBlock(restoreWith, LONGEST_COMMAND), '']
}
