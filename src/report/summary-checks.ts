import { bySeverity } from '../checks/severity'
import { counted } from '../show/duration'
import { markdownBlock, markdownSpan } from '../show/for-markdown'
import type { ReportCheck, ReportHost } from './report-schema'
import { listSection, type SummaryInput } from './summary-section'

/** Kinds that the file declares or that are always made; every other kind compares before with after. */
const NOT_COMPARED: ReadonlySet<string> = new Set(['http', 'tcp', 'tls', 'dns', 'service', 'command', 'builtin'])
const FROM_BAD_TO_GOOD = ['fail', 'unknown', 'warn']
const LONGEST_JOURNAL = 3_500
const OUTCOME_SIGN = { fail: '❌', unknown: '❔', warn: '⚠️', pass: '✅', skipped: '➖' } as const

/** Checks that shut a gate, or could not be read: what was expected, what was found. */
export function checkSection(input: SummaryInput): string {
  const failed = (host: ReportHost) =>
    host.checks.filter((check) => FROM_BAD_TO_GOOD.includes(check.outcome) && !isDifference(check) && !isEarly(check))
  return listSection('Checks that did not pass', worstFirst(input, failed, checkLine), 100)
}

/** A declared check that only warned before anything changed says nothing about the maintenance. */
function isEarly(check: ReportCheck): boolean {
  return check.when === 'monitor' && check.outcome === 'warn'
}

function isCompared(check: ReportCheck): boolean {
  return check.when !== 'monitor' && !NOT_COMPARED.has(check.kind)
}

/** Differs without being a fault: told below, with what was compared. */
function isDifference(check: ReportCheck): boolean {
  return isCompared(check) && check.outcome === 'warn'
}

/** What was compared with the host before the maintenance, and what differs. */
export function comparedSection(input: SummaryInput): string {
  // The watch of golive looks at the same things again: each is told once.
  const inVerify = (check: ReportCheck) => check.when === 'verify' && check.outcome !== 'skipped'
  const compared = input.hosts.flatMap((host) => host.checks.filter((check) => isCompared(check) && inVerify(check)))
  if (compared.length === 0) return ''
  const expected = compared.filter((check) => check.expectedChange === true).length
  const same = compared.filter((check) => check.outcome === 'pass').length - expected
  const kinds = [...new Set(compared.map((check) => check.kind))].sort().map((kind) => markdownSpan(kind, 40))
  const lines = worstFirst(
    input,
    (host) => host.checks.filter((check) => isDifference(check) && inVerify(check)),
    differenceLine,
  )
  const differ = compared.length - same - expected
  const counts = [
    `${same} as before`,
    ...(expected > 0 ? [`${expected} changed as the file expects`] : []),
    ...(differ > 0 ? [`${differ} not`] : []),
  ]
  const told = `${counted(compared.length, 'thing')} (${kinds.join(', ')}): ${same === compared.length ? 'all as before' : counts.join(', ')}.`
  const list = listSection('Compared with before', lines, 100)
  return list === '' ? `### Compared with before\n\n${told}` : list.replace('\n\n', () => `\n\n${told}\n\n`)
}

function worstFirst(
  { hosts, disclose }: SummaryInput,
  choose: (host: ReportHost) => readonly ReportCheck[],
  line: (host: string, check: ReportCheck) => string,
): readonly string[] {
  return hosts.flatMap((host) => {
    const checks = [...choose(host)].sort(
      (a, b) => FROM_BAD_TO_GOOD.indexOf(a.outcome) - FROM_BAD_TO_GOOD.indexOf(b.outcome) || bySeverity(a, b),
    )
    if (checks.length === 0) return []
    return disclose === 'full' ? checks.map((check) => line(host.name, check)) : [countLine(host.name, checks)]
  })
}

function countLine(host: string, checks: readonly ReportCheck[]): string {
  const counts = FROM_BAD_TO_GOOD.flatMap((outcome) => {
    const count = checks.filter((check) => check.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome}`]
  })
  return `- **${host}** ${counts.join(', ')}`
}

function checkLine(host: string, check: ReportCheck): string {
  return `- ${OUTCOME_SIGN[check.outcome]} **${host}** ${check.outcome} in ${check.when}: ${markdownSpan(check.id)}\n  - expected ${shownValue(check.expected)}\n  - got ${shownValue(check.actual)}${helpFor(check)}`
}

/** How to look at a check that shut a gate, and the line that lets the change through where it was wanted. */
function helpFor(check: ReportCheck): string {
  if (check.outcome !== 'fail') return ''
  const command = check.look?.command ?? null
  const isChange = isCompared(check) && !check.id.includes('"')
  return [
    ...(command === null ? [] : [`look with ${markdownSpan(command)}`]),
    ...(isChange
      ? [`if the change was wanted: ${markdownSpan(`expect_changes: ["${check.id}"]`)} below \`stages.verify\``]
      : []),
  ]
    .map((line) => `\n  - ${line}`)
    .concat(journalOf(check))
    .join('')
}

/** Below the item of the list that it belongs to; a list goes on only after a blank line. */
function journalOf({ look }: ReportCheck): string {
  if (look === undefined || look.journal.length === 0) return ''
  const block = markdownBlock(look.journal.join('\n'), LONGEST_JOURNAL).replaceAll('\n', '\n    ')
  return `\n  - its journal ends with\n\n    ${block}\n`
}

function shownValue(text: string): string {
  return text.trim() === '' ? 'nothing' : markdownSpan(text)
}

function differenceLine(host: string, check: ReportCheck): string {
  return `- **${host}** ${markdownSpan(check.id)}: ${shownValue(check.expected)} → ${shownValue(check.actual)}`
}
