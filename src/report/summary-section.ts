import type { HostVerdict } from '../journal/event'
import type { Disclosure } from './disclose'
import type { Report, ReportHost } from './report-schema'
import type { RunRecord } from './run-record'

/** What every section is made of. Hosts are sorted: whoever needs a person comes first. */
export interface SummaryInput {
  readonly record: RunRecord
  readonly report: Report
  readonly hosts: readonly ReportHost[]
  readonly disclose: Disclosure
}

/** Whoever needs a person comes first. */
export const WORST_FIRST: readonly HostVerdict[] = ['held', 'unreachable', 'rolled-back', 'untouched', 'live']

export const VERDICT_SIGN: Readonly<Record<HostVerdict, string>> = {
  held: '⛔',
  unreachable: '❔',
  'rolled-back': '↩️',
  untouched: '➖',
  live: '✅',
}

/** Nothing goes on by itself for such a host. */
export function needsPerson(verdict: HostVerdict): boolean {
  return verdict === 'held' || verdict === 'unreachable'
}

/** A heading with at most `most` lines under it; the rest is counted. Empty without lines. */
export function listSection(title: string, lines: readonly string[], most: number): string {
  if (lines.length === 0) return ''
  const rest = lines.length > most ? [`- … and ${lines.length - most} more in report.json`] : []
  return [`### ${title}`, '', ...lines.slice(0, most), ...rest].join('\n')
}

/**
 * Lines that open on demand: long lists stay out of the way on a phone. `title` is plain text of ours or a checked name.
 * The last line is blank: markdown begins again only after one.
 */
export function folded(title: string, lines: readonly string[]): string {
  return [`<details><summary>${title}</summary>`, '', ...lines, '', '</details>', ''].join('\n')
}
