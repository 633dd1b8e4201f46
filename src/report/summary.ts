import { counted } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import type { Disclosure } from './disclose'
import { planSections } from './plan-markdown'
import type { PlanView } from './plan-view'
import { reportOf } from './report'
import type { RunRecord } from './run-record'
import { checkSection, comparedSection } from './summary-checks'
import { backupSection, findingSection, hostSection, packageSection, pendingSection } from './summary-details'
import { heading } from './summary-heading'
import { nextSection, untouchedSection } from './summary-next'
import { listSection, type SummaryInput, WORST_FIRST } from './summary-section'
import { failedStepSection } from './summary-steps'
import { timelineSection } from './timeline'

/** GitHub takes at most 1 MiB of summary for a step, and drops a larger one whole. */
const MOST_BYTES = 1_000_000

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
    failedStepSection(input),
    comparedSection(input),
    untouchedSection(input),
    pendingSection(input),
    packageSection(input),
    backupSection(input),
    findingSection(input),
    timelineSection(input),
  ]
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
