import type { Outcome } from '../plan/step'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import { packageLines } from './package-lines'
import type { ReportHost } from './report-schema'
import { listSection, type SummaryInput } from './summary-section'

const MOST_ROWS = 200
const SIGN: Readonly<Record<Outcome, string>> = {
  done: '✓',
  unchanged: '=',
  skipped: '·',
  failed: '✗',
  interrupted: '!',
}

/** Hosts and their stages. The seven stages share one narrow column, so that the table fits a phone. */
export function hostSection({ hosts }: SummaryInput): string {
  if (hosts.length === 0) return ''
  const rows = hosts.slice(0, MOST_ROWS).map((h) => {
    const stages = h.stages.map((stage) => SIGN[stage.outcome]).join('')
    return `| ${h.name} | ${verdictOf(h)} | \`${stages}\` | ${h.downtimeMs === 0 ? '0' : spokenDuration(h.downtimeMs)} | ${rebootOf(h)} |`
  })
  const rest =
    hosts.length > MOST_ROWS
      ? ['', `… and ${hosts.length - MOST_ROWS} more in report.json: ${countsOf(hosts.slice(MOST_ROWS))}`]
      : []
  const legend =
    'Stages: prepare, monitor, drain, clean, update, verify, golive. ✓ done, = unchanged, · skipped, ✗ failed, ! interrupted.'
  return [
    '### Hosts',
    '',
    '| host | verdict | stages | downtime | reboot |',
    '|---|---|---|---|---|',
    ...rows,
    ...rest,
    '',
    legend,
  ].join('\n')
}

/** A host that users still reach says so beside its verdict; one that ran over its window too. */
function verdictOf(host: ReportHost): string {
  const serving = host.verdict === 'held' && host.isolation === 'exposed' ? ', still serving' : ''
  return `${host.verdict}${serving}${host.overrun ? ', past its window' : ''}`
}

function rebootOf(host: ReportHost): string {
  if (host.reboot.done) return 'done'
  return host.reboot.needed === 'no' ? '' : `${host.reboot.needed === 'yes' ? 'still needed' : 'unknown'}`
}

function countsOf(hosts: readonly ReportHost[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of hosts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
}

/** What monitor and the stages noticed, with advice; the urgent first, the merely interesting not at all. */
export function findingSection({ hosts, disclose }: SummaryInput): string {
  const lines = (severities: readonly string[]) =>
    hosts.flatMap((host) => {
      const findings = host.findings.filter((f) => severities.includes(f.severity))
      if (findings.length === 0) return []
      if (disclose !== 'full') return [`- **${host.name}** ${counted(findings.length, 'finding')}`]
      return findings.map((f) => `- **${host.name}** ${markdownSpan(f.what)}\n  ${markdownSpan(f.advice)}`)
    })
  return listSection(
    'Findings',
    disclose === 'full' ? [...lines(['block']), ...lines(['warn'])] : lines(['block', 'warn']),
    100,
  )
}

export function packageSection({ hosts, disclose }: SummaryInput): string {
  const changed = hosts.filter((host) => host.packages.length > 0)
  const lines = changed.map((host) => packageLines(host.name, host.packages, 'changed', disclose))
  return listSection('Packages', lines, 50)
}

/** Upgrades that are there and were not made. A plan shows them host by host instead. */
export function pendingSection({ record, report }: SummaryInput): string {
  if (report.run.mode === 'plan') return ''
  const waiting = [...record.hosts.values()].filter((host) => host.pending.length > 0 && host.packages.length === 0)
  const lines = waiting.map((host) => `- **${host.facts.name}** ${counted(host.pending.length, 'upgrade')} left alone`)
  return listSection('Upgrades left alone', lines, 50)
}

export function backupSection({ hosts, disclose }: SummaryInput): string {
  const lines = hosts.flatMap((host) => {
    if (host.backups.length === 0) return []
    const proved = host.backups.filter((backup) => backup.provedAt !== null).length
    if (disclose !== 'full') return [`- **${host.name}** ${counted(host.backups.length, 'backup')}, ${proved} proved`]
    return host.backups.map(
      ({ id, provedAt, restoreWith }) =>
        `- **${host.name}** ${markdownSpan(id)} ${provedAt === null ? '⚠️ not proved' : `proved ${provedAt.slice(11, 16)} UTC`}\n  restore with ${markdownSpan(restoreWith)}`,
    )
  })
  return listSection('Backups', lines, 100)
}
