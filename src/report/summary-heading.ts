import type { HostVerdict, RunVerdict } from '../journal/event'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import { isOpenReason } from './disclose'
import { BEFORE_THE_RUN, clockOf, outSince } from './out-since'
import type { ReportHost } from './report-schema'
import { needsPerson, type SummaryInput, WORST_FIRST } from './summary-section'

const SIGN: Readonly<Record<RunVerdict, string>> = {
  failed: '❌',
  held: '⛔',
  partial: '⚠️',
  live: '✅',
  refused: '⏸️',
  planned: '📋',
  announced: '📣',
}

/** The verdict and what it means, who asked for the run and how; then how many hosts, and when. */
export function heading(input: SummaryInput): string {
  const { record, report, disclose } = input
  const { run } = report
  const who = [
    ...(record.facts === null ? [] : [`mode **${record.facts.mode}**`]),
    ...(run.actor === null ? [] : [`started by ${markdownSpan(run.actor)}`]),
    ...run.overrides.map((override) => `⚠️ override ${markdownSpan(override)}`),
    ...(record.facts === null ? [] : [`${markdownSpan(record.facts.name)} from ${markdownSpan(record.facts.file)}`]),
  ]
  const paragraphs = [
    `## ${signOf(input)} ${run.verdict}${run.reason === 'none' ? '' : ` (${run.reason})`}${meaning(input)}`,
    who.join(' · '),
    sentence(input),
    [...(disclose === 'none' ? [] : fleet(input)), whenOf(run)].join(' · '),
  ]
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n')
}

/** A plan of hosts that would not all be maintained is a warning. */
function signOf({ record, report }: SummaryInput): string {
  const { verdict } = report.run
  return verdict === 'planned' && (record.end?.open ?? null) !== null ? SIGN.partial : SIGN[verdict]
}

/** What the verdict comes to, in a few words. */
function meaning({ record, report, hosts, disclose }: SummaryInput): string {
  const { verdict, mode } = report.run
  const waiting = hosts.filter((host) => needsPerson(host.verdict)).length
  if (hosts.length === 0 || disclose === 'none') return ''
  if (mode === 'plan') return record.end?.open == null ? '' : `: ${record.end.open}`
  if (verdict === 'live' && mode === 'recover' && hosts.some((host) => host.verdict !== 'live'))
    return ': nothing is left to settle'
  if (verdict === 'live') {
    const what = mode === 'verify' ? 'would go live' : `${hosts.length === 1 ? 'is' : 'are'} verified and live`
    return `: ${hosts.length === 1 ? 'the host' : `all ${hosts.length} hosts`} ${what}${warned(hosts)}`
  }
  if (waiting > 0 && (verdict === 'held' || verdict === 'failed'))
    return `: ${waiting} of ${counted(hosts.length, 'host')} ${waiting === 1 ? 'needs' : 'need'} a person`
  return verdict === 'partial' ? ': not every host was maintained' : ''
}

/** A run whose checks warned is no clean one: what differs is told below. */
function warned(hosts: readonly ReportHost[]): string {
  const ids = hosts.flatMap((host) => [...new Set(host.checks.filter(isWarning).map(({ id }) => id))])
  return ids.length === 0 ? '' : `, with ${counted(ids.length, 'warning')}`
}

/** Before anything changed a warning says nothing about the maintenance. */
const isWarning = ({ outcome, when }: ReportHost['checks'][number]) => outcome === 'warn' && when !== 'monitor'

function countsOf({ hosts }: SummaryInput): readonly string[] {
  const count = (verdict: HostVerdict) => hosts.filter((host) => host.verdict === verdict).length
  return WORST_FIRST.flatMap((verdict) => (count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict}`]))
}

function fleet(input: SummaryInput): readonly string[] {
  const { report, hosts } = input
  if (report.run.mode === 'plan' || hosts.length === 0) return []
  return [`**${counted(hosts.length, 'host')}:** ${countsOf(input).join(', ')}`, ...downtimes(input)]
}

/** The longest downtime is one of hosts that are back; of the others nobody knows yet how long theirs will be. */
function downtimes({ record, hosts }: SummaryInput): readonly string[] {
  const outs = hosts.map((host) => outSince(host, record.hosts.get(host.name)))
  const out = outs.filter((since) => since !== null)
  const backMs = hosts.map((host, i) => (outs[i] === null ? host.downtimeMs : 0))
  const longestMs = backMs.reduce((longest, ms) => Math.max(longest, ms), 0)
  const since = out.filter((at) => at !== BEFORE_THE_RUN).sort()[0]
  const still = `${counted(out.length, 'host')} still out${since === undefined ? '' : `, since ${clockOf(since)} UTC`}`
  if (longestMs === 0) return [out.length === 0 ? 'no downtime' : still]
  return [`longest downtime ${spokenDuration(longestMs)}`, ...(out.length === 0 ? [] : [still])]
}

function whenOf({ startedAt, endedAt }: SummaryInput['report']['run']): string {
  return `${startedAt.slice(0, 16).replace('T', ' ')} UTC, ${spokenDuration(Date.parse(endedAt) - Date.parse(startedAt))}`
}

/**
 * How the run ended, in its own words, unless they only count the hosts, which is done below. They may hold words of a
 * host, so outsiders get the counts only.
 */
function sentence(input: SummaryInput): string {
  const { record, report, disclose } = input
  if (record.end === null) return 'The run was cut before its end.'
  if (disclose !== 'full' && record.end.open !== null) return ''
  if (disclose !== 'full' && report.run.mode !== 'plan' && !isOpenReason(record.end.reason)) return ''
  const parts = record.end.sentence.split(', ').sort()
  if (parts.join() === [...countsOf(input)].sort().join()) return ''
  return markdownSpan(record.end.sentence, 1_000)
}
