import type { HostVerdict, RunVerdict } from '../journal/event'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import { reportOf } from './report'
import type { RunRecord } from './run-record'
import {
  backupSection,
  checkSection,
  findingSection,
  hostSection,
  packageSection,
  pendingSection,
} from './summary-details'
import { nextSection, untouchedSection } from './summary-next'
import { listSection, type SummaryInput } from './summary-section'

/** GitHub takes at most 1 MiB of summary for a step, and drops a larger one whole. */
const MOST_BYTES = 1_000_000

const WORST_FIRST: readonly HostVerdict[] = ['held', 'unreachable', 'rolled-back', 'untouched', 'live']
const SIGN: Readonly<Record<RunVerdict, string>> = {
  failed: '❌',
  held: '⛔',
  partial: '⚠️',
  live: '✅',
  refused: '⏸️',
  planned: '📋',
  announced: '📣',
}

/** The job summary: the verdict first, then what a person has to do, then what was done. Markdown under 1 MiB. Pure. */
export function summaryOf(record: RunRecord): string {
  const report = reportOf(record)
  const hosts = [...report.hosts].sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict))
  const input: SummaryInput = { record, report, hosts }
  const sections = [
    heading(input),
    nextSection(input),
    hostSection(input),
    checkSection(input),
    untouchedSection(input),
    pendingSection(input),
    findingSection(input),
    packageSection(input),
    backupSection(input),
    warningSection(input),
  ]
  return fitted(sections.filter((section) => section !== ''))
}

function heading({ record, report, hosts }: SummaryInput): string {
  const { run } = report
  const count = (verdict: HostVerdict) => hosts.filter((h) => h.verdict === verdict).length
  const counts = WORST_FIRST.flatMap((verdict) => (count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict}`]))
  const facts = [
    ...(record.facts === null
      ? []
      : [`${markdownSpan(record.facts.name)} from ${markdownSpan(record.facts.file)}`, `mode ${record.facts.mode}`]),
    `${run.startedAt.slice(0, 16).replace('T', ' ')} UTC, ${spokenDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`,
    ...(run.actor === null ? [] : [`started by ${markdownSpan(run.actor)}`]),
    ...run.overrides.map((override) => `override ${markdownSpan(override)}`),
  ]
  const title = `## ${SIGN[run.verdict]} ${run.verdict}${run.reason === 'none' ? '' : ` (${run.reason})`}`
  const sentence = record.end === null ? 'The run was cut before its end.' : markdownSpan(record.end.sentence, 1_000)
  return [
    title,
    '',
    sentence,
    '',
    ...(counts.length === 0 ? [] : [`**${counted(hosts.length, 'host')}:** ${counts.join(', ')}`, '']),
    facts.join(' · '),
  ].join('\n')
}

function warningSection({ record }: SummaryInput): string {
  return listSection(
    'Warnings',
    record.warnings.map((warning) => `- ${markdownSpan(warning)}`),
    50,
  )
}

/** Sections are whole or not there: half a code fence would swallow what follows. */
function fitted(sections: readonly string[]): string {
  const kept: string[] = []
  let bytes = 0
  for (const section of sections) {
    bytes += Buffer.byteLength(section) + 2
    if (bytes > MOST_BYTES) return `${[...kept, 'The rest is in report.json.'].join('\n\n')}\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}
