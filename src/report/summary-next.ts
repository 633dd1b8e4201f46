import type { RunReason } from '../journal/event'
import { markdownSpan } from '../show/for-markdown'
import type { ReportHost } from './report-schema'
import type { RunRecord } from './run-record'
import { listSection, type SummaryInput } from './summary-section'

/** What a refused run asks of a person. */
const AFTER_REFUSAL: Readonly<Record<RunReason, string>> = {
  none: 'Read the sentence above.',
  'too-early': 'Nothing: the next opening of the window will be used.',
  missed:
    'The window is over and no run used it. Start the workflow by hand with `ignore-window: true`, or wait for the next opening.',
  freeze: 'Nothing: maintenance is frozen on this day by the maintenance file.',
  'already-done': 'Nothing: this window was used already.',
  file: 'Correct the maintenance file or the inputs; each problem is an annotation of this run.',
  key: 'Check the inputs `ssh-private-key` and `known-hosts`: no host let us in.',
  lease: 'Another run holds the machines. Wait until it has ended, then start again.',
  event: 'Change the event or the mode in the workflow, as the sentence above says.',
}

/** What is to be done now, for each host that waits for a person, and whom to call. */
export function nextSection(input: SummaryInput): string {
  const { report, hosts } = input
  if (report.run.verdict === 'refused')
    return listSection('What to do next', [`- ${AFTER_REFUSAL[report.run.reason]}`], 1)
  if (report.run.mode === 'plan') return ''
  const waiting = hosts.filter((h) => h.verdict === 'held' || h.verdict === 'unreachable')
  return listSection(
    'What to do next',
    waiting.map((host) => advice(host, input)),
    100,
  )
}

function advice(host: ReportHost, input: SummaryInput): string {
  const owner = input.record.facts?.owner ?? null
  const call = owner === null ? '' : `\n  **Call ${markdownSpan(owner)}.**`
  const what = host.verdict === 'held' ? heldAdvice(host, isOut(input.record, host.name)) : unreachableAdvice(host)
  return `- **${host.name}** is ${host.verdict}${reasonOf(host, input)}\n  ${what}${call}`
}

/** The sentence behind a verdict, with the rule; where outsiders read, only the stage and the rule of the file. */
function reasonOf(host: ReportHost, { record, disclose }: SummaryInput): string {
  const rule = ruleOf(host, record.facts?.file ?? 'the maintenance file', disclose === 'full')
  if (disclose === 'full') return `: ${markdownSpan(host.reason)}${rule}`
  const stage = host.stages.findLast(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')
  return `${stage === undefined ? '' : ` since ${stage.name}`}${rule}. The reason is in report.json.`
}

/** Whether the last thing known of the host's traffic is that it was drained. */
function isOut(record: RunRecord, name: string): boolean {
  const downtime = record.hosts.get(name)?.downtime
  return downtime !== undefined && downtime.from !== null && downtime.backSince === null
}

function heldAdvice(host: ReportHost, isOut: boolean): string {
  const users = {
    isolated: isOut
      ? 'It was drained: users are kept away from it.'
      : 'Look at its traffic: it was not last seen drained.',
    stopped: 'Its drained services are stopped.',
    exposed: 'It is still serving, and is not touched again.',
  }
  return `${users[host.isolation]} Repair it, then start the workflow with \`mode: recover\`: it is verified again and goes live through the gate. To clear it by hand: \`release ${host.name} --reason "…"\` on the command line.`
}

function unreachableAdvice(host: ReportHost): string {
  const begun = host.stages.some((stage) => stage.name === 'drain' && stage.outcome !== 'skipped')
  return begun
    ? 'Its maintenance had begun: look at its console. The next run finds out what happened and finishes or undoes it.'
    : 'Nothing was changed on it. Look at its network, its address, its host key and our login.'
}

/** Every selected host that was left alone, and why. */
export function untouchedSection(input: SummaryInput): string {
  if (input.report.run.mode === 'plan') return ''
  const lines = input.hosts
    .filter((h) => h.verdict === 'untouched' || h.verdict === 'rolled-back')
    .map((h) => `- **${h.name}** ${h.verdict}${reasonOf(h, input)}`)
  return listSection('What was left as it was', lines, 100)
}

/** The rule, the value and the line behind a verdict (promise 8). The value may be one that was met on the host. */
function ruleOf({ rule }: ReportHost, file: string, withValue: boolean): string {
  if (rule === null) return ''
  const line = rule.line === null ? '' : `, line ${rule.line} of ${markdownSpan(file)}`
  return ` (rule ${markdownSpan(rule.name)}${withValue ? `: ${markdownSpan(rule.value)}` : ''}${line})`
}
