import { NAME } from '../config/values'
import { STAGES } from '../plan/step'
import type { ReportHost, ReportStage } from './report-schema'
import type { SummaryInput } from './summary-section'

/** More bars than this cannot be read on a phone, and GitHub draws no chart of more than 50,000 characters. */
const MOST_HOSTS = 10
/** A shorter run needs seconds on its axis. */
const SHORT_RUN_MS = 900_000
const STATUS = { done: 'done, ', unchanged: 'done, ', skipped: '', failed: 'crit, ', interrupted: 'crit, ' } as const

/**
 * When each stage of each host began and how long it took, as a mermaid chart. Names that are not plainly ours are left
 * out, and times are written from numbers: no host text gets into the chart (H41).
 */
export function timelineSection({ hosts, report }: SummaryInput): string {
  const drawn = hosts.filter((host) => NAME.test(host.name) && host.stages.some((stage) => stage.startedAt !== null))
  if (drawn.length === 0) return ''
  const endedAtMs = Date.parse(report.run.endedAt)
  const isShort = endedAtMs - Date.parse(report.run.startedAt) < SHORT_RUN_MS
  const rest = drawn.length > MOST_HOSTS ? ['', `… and ${drawn.length - MOST_HOSTS} more hosts in report.json`] : []
  return [
    '### Timeline (UTC)',
    '',
    '```mermaid',
    'gantt',
    '  dateFormat YYYY-MM-DD HH:mm:ss.SSS',
    `  axisFormat ${isShort ? '%H:%M:%S' : '%H:%M'}`,
    '  todayMarker off',
    ...drawn.slice(0, MOST_HOSTS).flatMap((host) => bars(host, endedAtMs)),
    '```',
    ...rest,
  ].join('\n')
}

function bars(host: ReportHost, runEndedAtMs: number): readonly string[] {
  const stages = host.stages.filter((stage) => STAGES.includes(stage.name))
  return [`  section ${host.name}`, ...stages.flatMap((stage) => bar(stage, runEndedAtMs))]
}

function bar(stage: ReportStage, runEndedAtMs: number): readonly string[] {
  const startMs = stage.startedAt === null ? Number.NaN : Date.parse(stage.startedAt)
  if (!Number.isFinite(startMs)) return []
  const durationMs = stage.durationMs ?? Math.max(0, runEndedAtMs - startMs)
  const start = new Date(startMs).toISOString().slice(0, 23).replace('T', ' ')
  // A bar of no width is not drawn.
  return [`  ${stage.name} :${STATUS[stage.outcome]}${start}, ${Math.max(1, Math.round(durationMs))}ms`]
}
