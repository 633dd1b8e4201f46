import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outputsOf, setOutputs } from '../../../src/action/outputs'
import { notifiersOf } from '../../../src/announce/notifiers/notifiers'
import { commentBody } from '../../../src/announce/pull-request/comment-body'
import type { EventBody } from '../../../src/journal/event'
import { Journal } from '../../../src/journal/journal'
import { StepLogs } from '../../../src/journal/step-logs'
import { annotate, annotationsOfRun } from '../../../src/report/annotations'
import { LiveLog } from '../../../src/report/log'
import { planComment } from '../../../src/report/plan-comment'
import { reportOf } from '../../../src/report/report'
import { RunRecorder } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import type { Redactor } from '../../../src/show/redact'
import { redactValues } from '../../../src/show/redact-values'
import { hideInErrors, shownError } from '../../../src/show/shown-error'
import { siteFiles } from '../../../src/site/files'
import { projectSite } from '../../../src/site/project'
import { FakeClock } from '../../fixtures/fake-clock'
import { plan, planned } from '../report/plan-case'
import { hostFacts, runFacts, START } from '../report/recording'
import { fileOf } from '../site/scenes'

const step = { stage: 'update', step: 'app-1' } as const

/** Everything a host can say in a run, with `text` in it. */
function eventsWith(text: string, chunks: readonly string[]): readonly EventBody[] {
  const title = `Deploy ${text}`
  const check = { id: `command:${text}`, kind: 'command', outcome: 'fail', expected: text, actual: text } as const
  return [
    { type: 'step.begun', ...step, title, disruptive: true },
    ...chunks.map((chunk): EventBody => ({ type: 'step.output', ...step, text: chunk })),
    { type: 'step.ended', ...step, title, outcome: 'failed', exitCode: 3, durationMs: 5, log: text },
    { type: 'facts', when: 'baseline', facts: { units: { [text]: text, list: [text] } } },
    { type: 'observed', stage: 'verify', what: { kind: 'finding', what: text, severity: 'warn', advice: text } },
    { type: 'observed', stage: 'verify', what: { kind: 'check', when: 'verify', check } },
    { type: 'stage.ended', stage: 'update', outcome: 'failed', reason: text },
    { type: 'gate', open: false, reason: text },
    { type: 'warning', sentence: text },
    { type: 'told', who: text, ok: false, why: text },
    {
      type: 'host.ended',
      verdict: 'held',
      reason: text,
      rule: null,
      lastMaintained: null,
      nextDue: null,
      overrun: false,
    },
  ]
}

/** Where a run shows what hosts say, each with what it shows. */
export async function shownPlaces(text: string, redactor: Redactor): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(tmpdir(), 'places-'))
  try {
    return await run(folder, text, redactor)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function run(folder: string, text: string, redactor: Redactor): Promise<Readonly<Record<string, string>>> {
  const clock = new FakeClock()
  const file = fileOf(
    '',
    'version: 1\nname: Weekly\nannounce: { disclose: full }\nhosts:\n  web-1: { address: 192.0.2.11, group: web }\n',
  )
  const journalPath = join(folder, 'journal.jsonl')
  const journal = new Journal({ path: journalPath, run: 'r1', clock: { now: () => new Date(START) }, redactor })
  const [recorder, logs, lines] = [new RunRecorder(), new StepLogs(folder), [] as string[]]
  const log = new LiveLog({ line: (line: string) => lines.push(line), verbose: true }, redactor)
  const posts: string[] = []
  const notifiers = notifiersOf({
    config: {
      notify: [
        { webhook: { url: 'https://hooks.example/x', secret: { env: 'HOOK' } } },
        { slack: { webhook: { env: 'S' } } },
      ],
      language: 'en',
      disclose: 'full',
    },
    secret: ({ env }) => (env === 'HOOK' ? 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' : 'https://slack.example/x'),
    post: async ({ body }) => {
      posts.push(body)
      return { kind: 'answered', status: 200, retryAfter: null, body: 'ok' }
    },
    clock,
    told: () => undefined,
    hide: (one: string) => redactor.text(one),
  })
  journal.listen('what is shown', (event) => {
    logs.take(event)
    recorder.add(event)
    log.add(event)
    for (const notifier of notifiers) notifier.take(event, recorder)
  })
  journal.append({ type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }, null)
  journal.append({ type: 'wave.begun', group: 'web', wave: 0, hosts: ['web-1'] }, null)
  const middle = Math.floor(text.length / 2)
  for (const body of eventsWith(text, ['before ', text.slice(0, middle), text.slice(middle), ' after\n']))
    journal.append(body, 'web-1')
  journal.append({ type: 'run.ended', verdict: 'held', reason: 'none', sentence: text }, null)
  journal.close()
  for (const notifier of notifiers) await notifier.finish()
  const record = recorder.record()
  const report = reportOf(record)
  const told: string[] = []
  const say = (...all: readonly unknown[]) => void told.push(all.map((one) => JSON.stringify(one)).join(' '))
  annotate(annotationsOfRun(record, 'full'), redactor, { error: say, warning: say })
  const outputs = outputsOf(
    { ...report, hosts: report.hosts.map((host) => ({ ...host, name: `web-${text}` })) },
    { reportPath: `/x/${text}`, planPath: text, sitePath: text, hasWork: null },
  )
  const set: string[] = []
  setOutputs(outputs, redactor, { setOutput: (_, value) => set.push(value), warning: () => undefined })
  const made = plan([
    planned('web-1', { why: text, notes: [text], packages: [{ name: text, from: text, to: text, security: true }] }),
  ])
  const view = { file: 'm.yml', plan: made, hash: 'h', groups: [], disclose: 'full', change: null, warnings: [text] }
  const site = siteFiles(projectSite({ file, record, stored: null, now: new Date(START) }), 'en')
  hideInErrors(redactor)
  const stepLogs = readdirSync(join(folder, 'logs'), { recursive: true, withFileTypes: true })
  return {
    log: lines.join('\n'),
    annotations: told.join('\n'),
    outputs: set.join('\n'),
    summary: redactor.text(summaryOf(record)),
    comment: redactor.text(commentBody('m.yml', planComment(view as never), null)),
    page: site.get('index.html') ?? '',
    feeds: [...site]
      .filter(([name]) => name !== 'index.html')
      .map(([, content]) => content)
      .join('\n'),
    plan: JSON.stringify(redactValues(made, redactor)),
    report: JSON.stringify(report),
    journal: readFileSync(journalPath, 'utf8'),
    'step logs': stepLogs
      .filter((one) => one.isFile())
      .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
      .join('\n'),
    notices: posts.join('\n'),
    errors: shownError(`an internal error: ${text}`),
  }
}
