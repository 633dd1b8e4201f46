import type { HostVerdict } from '../journal/event'
import type { Report } from '../report/report-schema'
import { MASK, type Redactor } from '../show/redact'
import { redactValues } from '../show/redact-values'

export const OUTPUT_NAMES = [
  'verdict',
  'reason',
  'live',
  'held',
  'rolled-back',
  'untouched',
  'unreachable',
  'downtime-seconds',
  'report',
  'plan',
  'plan-hash',
  'matrix',
  'has-work',
  'status-page',
] as const
export type OutputName = (typeof OUTPUT_NAMES)[number]
export type Outputs = Readonly<Record<OutputName, string>>

/** Where the files of the run are. `null`: there is none. */
export interface OutputFiles {
  readonly reportPath: string | null
  readonly planPath: string | null
  /** Folder of the built status site. */
  readonly sitePath: string | null
  /** Whether the plan has something to do; null: no plan was made. */
  readonly hasWork: boolean | null
}

/** All outputs of the action, always: what does not exist is empty or `[]` (design 3.2). Pure. */
export function outputsOf(report: Report, files: OutputFiles): Outputs {
  const named = (verdict: HostVerdict) =>
    JSON.stringify(report.hosts.filter((h) => h.verdict === verdict).map((h) => h.name))
  return {
    verdict: report.run.verdict,
    reason: report.run.reason,
    live: named('live'),
    held: named('held'),
    'rolled-back': named('rolled-back'),
    untouched: named('untouched'),
    unreachable: named('unreachable'),
    'downtime-seconds': longestDowntimeSeconds(report),
    report: files.reportPath ?? '',
    plan: files.planPath ?? '',
    'plan-hash': report.run.planHash ?? '',
    matrix: '',
    'has-work': files.hasWork === null ? '' : String(files.hasWork),
    'status-page': files.sitePath ?? '',
  }
}

/** The outputs of a crash that left no report. */
export function outputsWithoutReport(): Outputs {
  const lists: readonly OutputName[] = ['live', 'held', 'rolled-back', 'untouched', 'unreachable']
  const empty = Object.fromEntries(OUTPUT_NAMES.map((name) => [name, lists.includes(name) ? '[]' : ''])) as Record<
    OutputName,
    string
  >
  return { ...empty, verdict: 'failed', reason: 'none' }
}

function longestDowntimeSeconds(report: Report): string {
  if (report.hosts.length === 0) return ''
  return String(Math.ceil(Math.max(...report.hosts.map((h) => h.downtimeMs)) / 1000))
}

/** Outputs that hold a secret: GitHub would blank them without a word, and `held` would read as nobody held (H10). */
function maskedOutputs(outputs: Outputs, redactor: Redactor): readonly OutputName[] {
  return OUTPUT_NAMES.filter((name) => maskedText(outputs[name], redactor) !== outputs[name])
}

/** The parts of @actions/core that outputs need. */
export interface OutputSink {
  setOutput(name: string, value: string): void
  warning(message: string): void
}

/** A list is masked name by name: in JSON a secret may have another form, and a mask may not break the list. */
function maskedText(output: string, redactor: Redactor): string {
  return output.startsWith('[') ? JSON.stringify(redactValues(JSON.parse(output), redactor)) : redactor.text(output)
}

/** Sets every output. One that holds a secret is set with the secret masked, and a warning names it. */
export function setOutputs(outputs: Outputs, redactor: Redactor, sink: OutputSink): void {
  for (const name of OUTPUT_NAMES) sink.setOutput(name, maskedText(outputs[name], redactor))
  const masked = maskedOutputs(outputs, redactor)
  if (masked.length > 0) {
    sink.warning(
      `A secret is part of the output ${masked.join(', ')}; it is shown there as ${MASK}. Rename the host or path, or change the secret: it is a word of your fleet.`,
    )
  }
}
