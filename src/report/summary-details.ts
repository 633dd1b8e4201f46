import type { Outcome } from '../plan/step'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import type { PackageChange } from '../stages/stage'
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
    return `| ${h.name} | ${h.verdict} | \`${stages}\` | ${h.downtimeMs === 0 ? '0' : spokenDuration(h.downtimeMs)} | ${rebootOf(h)} |`
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

function rebootOf(host: ReportHost): string {
  if (host.reboot.done) return 'done'
  return host.reboot.needed === 'no' ? '' : `${host.reboot.needed === 'yes' ? 'still needed' : 'unknown'}`
}

function countsOf(hosts: readonly ReportHost[]): string {
  const counts = new Map<string, number>()
  for (const { verdict } of hosts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
}

/** Checks that shut a gate or warn: what was expected, what was found. */
export function checkSection({ hosts }: SummaryInput): string {
  const order = ['fail', 'unknown', 'warn']
  const lines = hosts.flatMap((host) =>
    host.checks
      .filter((check) => order.includes(check.outcome) && (check.when !== 'monitor' || check.outcome !== 'warn'))
      .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome))
      .map(
        (check) =>
          `- **${host.name}** ${check.outcome} in ${check.when}: ${markdownSpan(check.id)} expected ${markdownSpan(check.expected)}, got ${markdownSpan(check.actual)}`,
      ),
  )
  return listSection('Checks that did not pass', lines, 100)
}

/** What monitor and the stages noticed, with advice; the urgent first, the merely interesting not at all. */
export function findingSection({ hosts }: SummaryInput): string {
  const of = (severity: string) =>
    hosts.flatMap((host) =>
      host.findings
        .filter((f) => f.severity === severity)
        .map((f) => `- **${host.name}** ${markdownSpan(f.what)} ${markdownSpan(f.advice)}`),
    )
  return listSection('Findings', [...of('block'), ...of('warn')], 100)
}

export function packageSection({ hosts }: SummaryInput): string {
  const changed = hosts.filter((host) => host.packages.length > 0)
  return listSection(
    'Packages',
    changed.map((host) => packageLines(host.name, host.packages, 'changed')),
    50,
  )
}

/** Upgrades that are there and were not made, whole only in a plan. */
export function pendingSection({ record, report }: SummaryInput): string {
  const waiting = [...record.hosts.values()].filter((host) => host.pending.length > 0)
  const plan = report.run.mode === 'plan'
  const lines = plan
    ? waiting.map((host) => packageLines(host.facts.name, host.pending, 'to change'))
    : waiting
        .filter((host) => host.packages.length === 0)
        .map((host) => `- **${host.facts.name}** ${counted(host.pending.length, 'upgrade')} left alone`)
  return listSection(plan ? 'Packages to change' : 'Upgrades left alone', lines, 50)
}

const MOST_PACKAGES = 20

function packageLines(host: string, changes: readonly PackageChange[], what: string): string {
  const security = changes.filter((change) => change.security)
  const worst = [...security, ...changes.filter((change) => !change.security)]
  const shown = worst
    .slice(0, MOST_PACKAGES)
    .map(
      (c) =>
        `  - ${markdownSpan(c.name, 100)} ${versionOf(c.from, 'new')} → ${versionOf(c.to, 'removed')}${c.security ? ' (security)' : ''}`,
    )
  const rest = changes.length > MOST_PACKAGES ? [`  - … and ${changes.length - MOST_PACKAGES} more in report.json`] : []
  return [
    `- **${host}** ${counted(changes.length, 'package')} ${what}, ${security.length} for security`,
    ...shown,
    ...rest,
  ].join('\n')
}

function versionOf(version: string | null, absent: string): string {
  return version === null ? absent : markdownSpan(version, 100)
}

export function backupSection({ hosts }: SummaryInput): string {
  const lines = hosts.flatMap((host) =>
    host.backups.map(
      (backup) =>
        `- **${host.name}** ${markdownSpan(backup.id)} ${backup.provedAt === null ? 'not proved' : `proved ${backup.provedAt.slice(11, 16)} UTC`}, restore with ${markdownSpan(backup.restoreWith)}`,
    ),
  )
  return listSection('Backups', lines, 100)
}
