import type { HostVerdict, RunReason } from '../journal/event'
import { markdownSpan } from '../show/for-markdown'
import { inputWord } from '../show/input-words'
import { groupedByText, listedNames } from './plan-groups'
import type { ReportHost, ReportStage } from './report-schema'
import type { RunRecord } from './run-record'
import { listSection, needsPerson, type SummaryInput, VERDICT_SIGN, WORST_FIRST } from './summary-section'

/** What a refused run asks of a person. */
const afterRefusal = (): Readonly<Record<RunReason, string>> => ({
  none: 'Read the sentence above.',
  'too-early': 'Nothing: the next opening of the window will be used.',
  missed: `The window is over and no run used it. Start a run by hand with ${inputWord('ignoreWindow')}, or wait for the next opening.`,
  freeze: 'Nothing: maintenance is frozen on this day by the maintenance file.',
  'already-done': 'Nothing: this window was used already.',
  file: 'Correct the maintenance file or the inputs; each problem is an annotation of this run.',
  key: `Check ${inputWord('privateKey')} and ${inputWord('knownHosts')}: no host let us in.`,
  lease: 'Another run holds the machines. Wait until it has ended, then start again.',
  event: 'Change the event or the mode in the workflow, as the sentence above says.',
})

/** What a refused run asks of a person, as markdown. */
export function refusalAdvice(reason: RunReason): string {
  return afterRefusal()[reason]
}

/** What is to be done now: every host that waits for a person, whom to call, and the ways on, told once for all. */
export function nextSection(input: SummaryInput): string {
  const { report, hosts } = input
  if (report.run.verdict === 'refused')
    return listSection('What to do next', [`- ${refusalAdvice(report.run.reason)}`], 1)
  if (report.run.mode === 'plan') return ''
  const waiting = hosts.filter((host) => needsPerson(host.verdict))
  const lines = WORST_FIRST.flatMap((verdict) => linesOf(verdict, input))
  const parts = waiting.length === 0 ? [] : [call(input), ways(waiting)]
  return [listSection('What to do next', lines, 100), ...parts].filter((part) => part !== '').join('\n\n')
}

/** One line for all hosts of which the same is to be told; their names stand in the table too. */
function linesOf(verdict: HostVerdict, input: SummaryInput): readonly string[] {
  const told = input.hosts.flatMap((host) => {
    const text = host.verdict === verdict ? nextFor(host, input) : null
    return text === null ? [] : [[text, host.name] as const]
  })
  return groupedByText(told).map(([text, names]) => `- ${VERDICT_SIGN[verdict]} **${listedNames(names)}** ${text}`)
}

/** null: nothing has to be done. */
function nextFor(host: ReportHost, input: SummaryInput): string | null {
  const stage = stoppedIn(host)
  const since = stage === undefined ? '' : ` in **${stage.name}**`
  switch (host.verdict) {
    case 'held':
      return `held${since}: ${usersOf(host, isOut(input.record, host.name))}${reasonOf(host, input)}`
    case 'unreachable':
      return `unreachable${since}: ${unreachableAdvice(host)}${reasonOf(host, input)}`
    case 'rolled-back':
      return `rolled back: on the old versions, verified and serving. Find out why before the next run${reasonOf(host, input)}`
    case 'untouched':
    case 'live':
      return null
  }
}

function call({ record }: SummaryInput): string {
  const owner = record.facts?.owner ?? null
  return owner === null ? '' : `**Call** ${markdownSpan(owner)}`
}

/** The stage that went wrong last. */
function stoppedIn({ stages }: ReportHost): ReportStage | undefined {
  return stages.findLast(({ outcome }) => outcome === 'failed' || outcome === 'interrupted')
}

/** The sentence behind a verdict, with the rule; where outsiders read, only the rule of the file. */
function reasonOf(host: ReportHost, { record, disclose }: SummaryInput): string {
  const rule = ruleOf(host, record.facts?.file ?? 'the maintenance file', disclose === 'full')
  return `\n  - ${disclose === 'full' ? markdownSpan(host.reason) : 'the reason is in report.json'}${rule}`
}

/** Whether the last thing known of the host's traffic is that it was drained. */
function isOut(record: RunRecord, name: string): boolean {
  const downtime = record.hosts.get(name)?.downtime
  return downtime !== undefined && downtime.from !== null && downtime.backSince === null && downtime.reads !== 'unknown'
}

function usersOf(host: ReportHost, isOut: boolean): string {
  const users = {
    isolated: isOut ? 'drained, users are kept away from it' : 'look at its traffic, it was not last seen drained',
    stopped: 'its drained services are stopped',
    exposed: 'it is still serving, and is not touched again',
  }
  return users[host.isolation]
}

function unreachableAdvice(host: ReportHost): string {
  const begun = host.stages.some((stage) => stage.name === 'drain' && stage.outcome !== 'skipped')
  return begun
    ? 'its maintenance had begun. Look at its console; the next run finds out what happened and finishes or undoes it'
    : 'nothing was changed on it. Look at its network, its address, its host key and our login'
}

/** A held host goes on in one of two ways, and both begin with a person. */
function ways(waiting: readonly ReportHost[]): string {
  const held = waiting.filter((host) => host.verdict === 'held').map((host) => host.name)
  const [first] = held
  if (first === undefined) return ''
  return [
    waiting.some(isFailing)
      ? '1. Look at what did not pass (below), and repair the host.'
      : '1. Read the reason above: no check failed, so there may be nothing to repair.',
    `2. ${inputWord('recover')}: ${held.length === 1 ? 'it is' : 'they are'} verified again and ${held.length === 1 ? 'goes' : 'go'} live if the gate opens.`,
    `3. Only where you know better than the checks: \`node dist/cli.js release ${first} --reason "…"\` clears the hold by hand. It touches no traffic; with \`--undrain\` the host is verified once and its users are let back.`,
    '',
    'Where a service is still held, `systemctl start` does not start it and shows no error: its drop-in `90-pitstop.conf` below `/etc/systemd/system/NAME.service.d` keeps it down. To give it back by hand: `rm /etc/systemd/system/NAME.service.d/90-pitstop.conf; systemctl daemon-reload; systemctl start NAME`. The timers of package managers stay paused until the host is live or released.',
  ].join('\n')
}

/** Some check of it shut a gate, or could not be read. */
const isFailing = ({ checks }: ReportHost) => checks.some(({ outcome }) => outcome === 'fail' || outcome === 'unknown')

/** Every selected host that was left alone, and why; a reason that many share is told once. */
export function untouchedSection(input: SummaryInput): string {
  if (input.report.run.mode === 'plan') return ''
  const left = input.hosts.filter((h) => h.verdict === 'untouched')
  const said = groupedByText(left.map((h) => [`${h.verdict}${reasonOf(h, input)}`, h.name] as const))
  const lines = said.map(([text, names]) => `- **${listedNames(names)}** ${text}`)
  return listSection('What was not maintained', lines, 100)
}

/** The rule, the value and the line behind a verdict (promise 8). The value may be one that was met on the host. */
function ruleOf({ rule }: ReportHost, file: string, withValue: boolean): string {
  if (rule === null) return ''
  const line = rule.line === null ? '' : `, line ${rule.line} of ${markdownSpan(file)}`
  return ` (rule ${markdownSpan(rule.name)}${withValue ? `: ${markdownSpan(rule.value)}` : ''}${line})`
}
