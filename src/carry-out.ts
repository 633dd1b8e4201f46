import type { Inputs } from './action/inputs'
import { Secrets } from './action/secrets'
import type { Told } from './announce/announcer'
import { type Announcers, createAnnouncers } from './announce/announcers'
import type { MaintenanceFile } from './config/schema'
import { type Clock, pause } from './engine/clock'
import type { Event } from './journal/event'
import { Journal } from './journal/journal'
import { StepLogs } from './journal/step-logs'
import type { Plan } from './plan/plan'
import type { Secret } from './plan/step'
import { type Audience, type Disclosure, decideDisclosure } from './report/disclose'
import { LiveLog, type LogSink } from './report/log'
import { type Change, type PlanView, planView } from './report/plan-view'
import { reportOf } from './report/report'
import { ReportDir } from './report/report-dir'
import type { Report } from './report/report-schema'
import { type RunRecord, RunRecorder } from './report/run-record'
import { summaryOf } from './report/summary'
import { type RunRequest, type RunResult, runPitstop } from './run'
import { Redactor } from './show/redact'
import { redactValues } from './show/redact-values'
import { hideInErrors } from './show/shown-error'
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
  /** Who reads log, summary, annotations and comments, found out once the log has begun; left out: whoever started the command. */
  readonly audience?: () => Promise<Audience>
  /** What a pull request changes in the file; asked once a plan is made. Left out: this is no pull request. */
  readonly change?: () => Promise<Change>
  /** Hears every event, with how much of it whoever reads the job may see, and can change nothing. */
  readonly listen?: (event: Event, disclose: Disclosure) => void
}

/** A finished run with all it left: what outputs, summary and colours are made from. */
export interface Carried {
  readonly result: RunResult
  readonly record: RunRecord
  readonly report: Report
  /** null: it could not be kept, which is one of the warnings of the run. */
  readonly reportPath: string | null
  /** Folder of the status site; null: none was built. */
  readonly sitePath: string | null
  readonly summary: string
  readonly plan: { readonly plan: Plan; readonly hash: string; readonly path: string | null } | null
  /** The plan as people read it; null: no plan was made. */
  readonly view: PlanView | null
  readonly disclose: Disclosure
  readonly redactor: Redactor
}

/** Redactor from everything that must never be shown. @throws ConfigError for a secret too short to be masked */
export function redactorOf(inputs: Inputs, env: NodeJS.ProcessEnv): { secrets: Secrets; redactor: Redactor } {
  const secrets = new Secrets(inputs.secrets, env)
  const redactor = new Redactor(Secrets.toHide(secrets, inputs))
  hideInErrors(redactor)
  return { secrets, redactor }
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
  // Post goes on with the folder of its main.
  if (o.journalName === undefined) dir.forgetEarlierRun()
  else dir.remove(journalName)
  const journal = new Journal({ path: dir.pathOf(journalName), run: o.request.id, clock: o.clock, redactor })
  const recorder = new RunRecorder()
  const logs = new StepLogs(dir.path)
  new LiveLog(o.sink, redactor).hello(VERSION, process.version)
  const audience = (await o.audience?.()) ?? 'terminal'
  let disclosure = decideDisclosure('auto', audience)
  const log = new LiveLog(o.sink, redactor, disclosure.run)
  journal.listen('the log of a step', (event) => logs.take(event))
  journal.listen('what is told of the run', (event) => {
    const told =
      event.type === 'step.ended' && event.host !== null
        ? { ...event, log: logs.pathOf(event.host, event.stage, event.step) ?? '' }
        : event
    recorder.add(told)
    log.add(told)
  })
  journal.listen('what the job is told', (event) => o.listen?.(event, disclosure.run))
  const keep = (what: string, write: () => string) => kept(journal, what, write)
  const stop = new AbortController()
  const progress = tellProgress(log, o.clock, stop.signal)
  let plan: Carried['plan'] = null
  let file: MaintenanceFile | null = null
  let announcers: Announcers | null = null
  journal.listen('what is announced', (event) => announcers?.listen(event))
  const result = await runPitstop(
    { ...o.request, reportDir: dir.path },
    {
      clock: o.clock,
      signal: o.signal,
      journal,
      secrets,
      begun: o.begun,
      loaded: (read, mode) => {
        file = read
        disclosure = decideDisclosure(read.announce.disclose, audience)
        log.discloses(disclosure.run)
        // A look changes nothing that people should hear of.
        if (mode !== 'run' && mode !== 'recover') return
        const told: Told = (who, ok, why) => journal.append({ type: 'told', who, ok, why }, null)
        const { clock, signal, env } = o
        const secret = (one: Secret) => secrets.get(one)
        announcers = createAnnouncers({
          file: read,
          inputs: o.request.inputs,
          env,
          clock,
          signal,
          dir: dir.path,
          run: recorder,
          secret,
          told,
          hide: (text) => redactor.text(text),
        })
      },
      planned: (made, hash) => {
        const text = `${JSON.stringify(redactValues(made, redactor), null, 2)}\n`
        plan = { plan: made, hash, path: keep('plan.json', () => dir.write('plan.json', text)) }
      },
    },
  )
  stop.abort()
  await progress
  const report = withPlanHash(withRequest(reportOf(recorder.record()), o.request), plan)
  // The report is on the disk before anybody outside is waited for.
  const reportPath = keep('report.json', () => dir.writeReport(report, o.reportName))
  const sitePath = await finishAnnouncing(announcers)
  journal.close()
  const record = recorder.record()
  const disclose = disclosure.run
  const view = await viewOf(file, plan, disclose, o.change)
  return {
    result,
    record,
    report,
    reportPath,
    sitePath,
    summary: summaryOf(record, { disclose, plan: view }),
    plan,
    view,
    disclose,
    redactor,
  }
}

/** A full disk of the runner takes no verdict from a host: what cannot be kept is said, and the run goes on. */
function kept(journal: Journal, what: string, write: () => string): string | null {
  try {
    return write()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    journal.append({ type: 'warning', sentence: `${what} cannot be kept: ${why}` }, null)
    return null
  }
}

async function viewOf(
  file: MaintenanceFile | null,
  plan: Carried['plan'],
  disclose: Disclosure,
  change: CarryOptions['change'],
): Promise<PlanView | null> {
  if (file === null || plan === null) return null
  return planView(file, plan, { disclose, change: (await change?.()) ?? null })
}

async function finishAnnouncing(announcers: Announcers | null): Promise<string | null> {
  await announcers?.finish()
  return announcers?.sitePath ?? null
}

/** Who asked, where and for what, is known also of a run that was refused before it began. */
function withRequest(report: Report, { url, actor, inputs }: Pick<RunRequest, 'url' | 'actor' | 'inputs'>): Report {
  const asked = inputs.mode === 'auto' ? null : inputs.mode
  const { run } = report
  return { ...report, run: { ...run, mode: run.mode ?? asked, url: run.url ?? url, actor: run.actor ?? actor } }
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
