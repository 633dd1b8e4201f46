import { type ConfigError, describeProblem } from '../errors'
import { counted } from '../show/duration'
import { withoutControls } from '../show/for-log'
import type { Redactor } from '../show/redact'
import type { Disclosure } from './disclose'
import { hostEnd } from './report'
import type { RunRecord } from './run-record'

/** A message at a place of the maintenance file; without a place it stands at the job. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

/** GitHub shows ten of each level for a step and drops the rest without a word. */
const MOST_OF_A_LEVEL = 10
/** GitHub cuts a message at 4,096 characters. */
const LONGEST_MESSAGE = 2_000

/** One annotation for each problem of the file, the inputs or the command line, at its place. Pure. */
export function annotationsOfError(error: ConfigError): readonly Annotation[] {
  const hint = error.hint === undefined ? '' : `\n${error.hint}`
  return limited(
    error.problems.map((problem) => {
      const { file, line, column, ...rest } = problem
      const message = `${describeProblem(rest)}${hint}`
      return { level: 'error', message, ...(file === undefined ? {} : { file, line: line ?? 1, column: column ?? 1 }) }
    }),
  )
}

/** Hosts that wait for a person, each at its line of the maintenance file; warnings of the run. Pure. */
export function annotationsOfRun(record: RunRecord, disclose: Disclosure = 'full'): readonly Annotation[] {
  // The verdict is told by the colour of the job.
  if (disclose === 'none') return []
  const file = record.facts?.file
  const runEndedAt = record.lastAt ?? ''
  const hosts = [...record.hosts.values()].flatMap((host): Annotation[] => {
    const end = hostEnd(host, runEndedAt)
    if (end.verdict !== 'held' && end.verdict !== 'unreachable') return []
    const line = host.facts.line
    // In a plan nothing has begun: a host that cannot be reached is a warning.
    const level = record.facts?.mode === 'plan' ? 'warning' : 'error'
    return [
      {
        level,
        message: `${host.facts.name} is ${end.verdict}: ${disclose === 'full' ? end.reason : 'the reason is in report.json'}`,
        ...(file === undefined || line === null ? {} : { file, line }),
      },
    ]
  })
  return limited([
    ...hosts,
    ...warnedHosts(record, disclose),
    ...warningsOf(record, disclose).map((message): Annotation => ({ level: 'warning', message })),
  ])
}

/** A host that is live although checks warned must not look like one of which nothing is to be told. */
function warnedHosts(record: RunRecord, disclose: Disclosure): readonly Annotation[] {
  return [...record.hosts.values()].flatMap((host): Annotation[] => {
    const end = hostEnd(host, record.lastAt ?? '')
    const ids = [...new Set(host.checks.filter((c) => c.outcome === 'warn' && c.when !== 'monitor').map((c) => c.id))]
    if (end.verdict !== 'live' || ids.length === 0) return []
    const named = disclose === 'full' ? `: ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ' …' : ''}` : ''
    return [{ level: 'warning', message: `${host.facts.name} is live with ${counted(ids.length, 'warning')}${named}` }]
  })
}

/** A warning may hold words of a host: where outsiders read, warnings are counted (H11). */
function warningsOf({ warnings }: RunRecord, disclose: Disclosure): readonly string[] {
  if (disclose === 'full' || warnings.length === 0) return warnings
  return [`${counted(warnings.length, 'warning')}, in report.json and journal`]
}

/** Ten of a level at most; the tenth counts the others. */
function limited(annotations: readonly Annotation[]): readonly Annotation[] {
  return (['error', 'warning'] as const).flatMap((level) => {
    const all = annotations.filter((a) => a.level === level)
    if (all.length <= MOST_OF_A_LEVEL) return all
    const rest = all.length - MOST_OF_A_LEVEL + 1
    return [
      ...all.slice(0, MOST_OF_A_LEVEL - 1),
      { level, message: `… and ${rest} more, in the log and in report.json` },
    ]
  })
}

/** The parts of @actions/core that annotations need. */
export interface AnnotationSink {
  error(message: string, at: { file?: string; startLine?: number; startColumn?: number }): void
  warning(message: string, at: { file?: string; startLine?: number; startColumn?: number }): void
}

/** Hands the annotations to the runner: masked, without controls, cut. */
export function annotate(annotations: readonly Annotation[], redactor: Redactor, sink: AnnotationSink): void {
  for (const { level, message, file, line, column } of annotations) {
    const at = { ...(file && { file }), ...(line && { startLine: line }), ...(column && { startColumn: column }) }
    const clean = [...redactor.text(withoutControls(redactor.text(message)))].slice(0, LONGEST_MESSAGE).join('')
    sink[level](clean, at)
  }
}
