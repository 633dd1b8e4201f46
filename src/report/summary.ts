import type { HostVerdict, RunVerdict } from '../journal/event'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import type { Disclosure } from './disclose'
import { planSections } from './plan-markdown'
import type { PlanView } from './plan-view'
import { reportOf } from './report'
import type { RunRecord } from './run-record'
import { checkSection, comparedSection } from './summary-checks'
import { backupSection, findingSection, hostSection, packageSection, pendingSection } from './summary-details'
import { nextSection, untouchedSection } from './summary-next'
import { listSection, type SummaryInput } from './summary-section'
import { timelineSection } from './timeline'

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
/** Reasons of a refusal that only say what the repository says itself. */
const OPEN_REASONS: readonly string[] = ['too-early', 'missed', 'freeze', 'already-done', 'file', 'event']

export interface SummaryOptions {
  readonly disclose: Disclosure
  /** What `mode: plan` made; null: another mode. */
  readonly plan: PlanView | null
}

/** The job summary: the verdict first, then what a person has to do, then what was done. Markdown under 1 MiB. Pure. */
export function summaryOf(record: RunRecord, options: SummaryOptions = { disclose: 'full', plan: null }): string {
  const report = reportOf(record)
  const hosts = [...report.hosts].sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict))
  const input: SummaryInput = { record, report, hosts, disclose: options.disclose }
  return fitted([
    heading(input),
    ...(options.plan === null ? ran(input) : planSections(options.plan)),
    warningSection(input),
  ])
}

function ran(input: SummaryInput): readonly string[] {
  if (input.disclose === 'none') return [nextSection(input)]
  return [
    nextSection(input),
    hostSection(input),
    checkSection(input),
    comparedSection(input),
    untouchedSection(input),
    pendingSection(input),
    packageSection(input),
    backupSection(input),
    findingSection(input),
    timelineSection(input),
  ]
}

function heading(input: SummaryInput): string {
  const { record, report, hosts } = input
  const { run } = report
  const count = (verdict: HostVerdict) => hosts.filter((h) => h.verdict === verdict).length
  const counts = WORST_FIRST.flatMap((verdict) => (count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict}`]))
  const who = [
    ...(record.facts === null ? [] : [`mode **${record.facts.mode}**`]),
    ...(run.actor === null ? [] : [`started by ${markdownSpan(run.actor)}`]),
    ...run.overrides.map((override) => `⚠️ override ${markdownSpan(override)}`),
  ]
  const what = [
    ...(record.facts === null ? [] : [`${markdownSpan(record.facts.name)} from ${markdownSpan(record.facts.file)}`]),
    `${run.startedAt.slice(0, 16).replace('T', ' ')} UTC, ${spokenDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`,
  ]
  const paragraphs = [
    `## ${SIGN[run.verdict]} ${run.verdict}${run.reason === 'none' ? '' : ` (${run.reason})`}`,
    who.join(' · '),
    sentence(input),
    run.mode === 'plan' || counts.length === 0 ? '' : `**${counted(hosts.length, 'host')}:** ${counts.join(', ')}`,
    what.join(' · '),
  ]
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')
}

/** How the run ended, in its own words; they may hold words of a host, so outsiders get the counts only. */
function sentence({ record, report, disclose }: SummaryInput): string {
  if (record.end === null) return 'The run was cut before its end.'
  if (disclose !== 'full' && report.run.mode !== 'plan' && !OPEN_REASONS.includes(record.end.reason)) return ''
  return markdownSpan(record.end.sentence, 1_000)
}

function warningSection({ record, disclose }: SummaryInput): string {
  if (record.warnings.length === 0) return ''
  if (disclose !== 'full')
    return `### Warnings\n\n${counted(record.warnings.length, 'warning')}, in report.json and journal.`
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
  for (const section of sections.filter((text) => text !== '')) {
    bytes += Buffer.byteLength(section) + 2
    if (bytes > MOST_BYTES) return `${[...kept, 'The rest is in report.json.'].join('\n\n')}\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}
