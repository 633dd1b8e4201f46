import type { Inputs } from './action/inputs'
import { Secrets } from './action/secrets'
import type { MaintenanceFile } from './config/schema'
import { type Clock, pause } from './engine/clock'
import { Journal } from './journal/journal'
import { StepLogs } from './journal/step-logs'
import type { Plan } from './plan/plan'
import { LiveLog, type LogSink } from './report/log'
import { reportOf } from './report/report'
import { ReportDir } from './report/report-dir'
import type { Report } from './report/report-schema'
import { type RunRecord, RunRecorder } from './report/run-record'
import { summaryOf } from './report/summary'
import { type RunRequest, type RunResult, runPitstop } from './run'
import { Redactor } from './show/redact'
import { VERSION } from './version'

export interface CarryOptions {
  readonly request: Omit<RunRequest, 'reportDir'>
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly sink: LogSink
  readonly begun: (file: MaintenanceFile) => void
  /** Where the journal of an earlier process of this run is, it goes on under another name: `journal-post.jsonl`. */
  readonly journalName?: string
  readonly reportName?: string
}

/** A finished run with all it left: what outputs, summary and colours are made from. */
export interface Carried {
  readonly result: RunResult
  readonly record: RunRecord
  readonly report: Report
  readonly reportPath: string
  readonly summary: string
  readonly plan: { readonly plan: Plan; readonly hash: string; readonly path: string } | null
  readonly redactor: Redactor
}

/** Redactor from everything that must never be shown. @throws ConfigError for a secret too short to be masked */
export function redactorOf(inputs: Inputs, env: NodeJS.ProcessEnv): { secrets: Secrets; redactor: Redactor } {
  const secrets = new Secrets(inputs.secrets, env)
  return { secrets, redactor: new Redactor(Secrets.toHide(secrets, inputs)) }
}

const PROGRESS_MS = 5_000

/**
 * One run with its report folder: journal, logs, report.json and plan.json are written whatever happens.
 * @throws ConfigError where the report folder or a secret is not fit for use: then nothing has begun
 */
export async function carryOut(o: CarryOptions): Promise<Carried> {
  const { secrets, redactor } = redactorOf(o.request.inputs, o.env)
  const dir = ReportDir.open(o.request.inputs.reportDir, o.request.workspace)
  const journalName = o.journalName ?? 'journal.jsonl'
  dir.remove(journalName)
  const journal = new Journal({ path: dir.pathOf(journalName), run: o.request.id, clock: o.clock, redactor })
  const recorder = new RunRecorder()
  const logs = new StepLogs(dir.path)
  const log = new LiveLog(o.sink, redactor)
  log.hello(VERSION, process.version)
  journal.listen((event) => logs.take(event))
  journal.listen((event) =>
    recorder.add(
      event.type === 'step.ended' && event.host !== null
        ? { ...event, log: logs.pathOf(event.host, event.stage, event.step) ?? '' }
        : event,
    ),
  )
  journal.listen((event) => log.add(event))
  const stop = new AbortController()
  const progress = tellProgress(log, o.clock, stop.signal)
  let plan: Carried['plan'] = null
  const result = await runPitstop(
    { ...o.request, reportDir: dir.path },
    {
      clock: o.clock,
      signal: o.signal,
      journal,
      secrets,
      begun: o.begun,
      planned: (made, hash) => {
        plan = { plan: made, hash, path: dir.write('plan.json', redactor.text(`${JSON.stringify(made, null, 2)}\n`)) }
      },
    },
  )
  stop.abort()
  await progress
  journal.close()
  const record = recorder.record()
  const report = withPlanHash(reportOf(record), plan)
  return {
    result,
    record,
    report,
    reportPath: dir.writeReport(report, o.reportName),
    summary: summaryOf(record),
    plan,
    redactor,
  }
}

function withPlanHash(report: Report, plan: Carried['plan']): Report {
  return plan === null ? report : { ...report, run: { ...report.run, planHash: plan.hash } }
}

async function tellProgress(log: LiveLog, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(clock, PROGRESS_MS, signal)
    if (!signal.aborted) log.progress(clock.now())
  }
}
