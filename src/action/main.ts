import * as core from '@actions/core'
import { type Carried, carryOut } from '../carry-out'
import type { MaintenanceFile } from '../config/schema'
import { systemClock } from '../engine/clock'
import { ConfigError, describeProblem } from '../errors'
import { freezeFile } from '../freeze'
import { annotate, annotationsOfError, annotationsOfRun } from '../report/annotations'
import { isOpenReason } from '../report/disclose'
import { SHORTEST_SECRET } from '../show/redact'
import { shownError } from '../show/shown-error'
import { attemptAll } from './attempts'
import { audienceOfRun } from './audience'
import { isGreen } from './colour'
import { DrainNotices } from './drain-notices'
import { actionInputs, type Inputs } from './inputs'
import { jobLog } from './job-log'
import { OUTPUT_NAMES, type Outputs, outputsOf, outputsWithoutReport, setOutputs } from './outputs'
import { PullRequestPlan } from './pull-request-plan'
import { reportRefusedInputs } from './refused-inputs'
import { actionRunId, runUrl } from './run-id'
import { runnerMasks, Secrets } from './secrets'
import { saveBegun, saveEnded } from './state'
import { ticksOf } from './ticks'

/** The main step of the action. Reports first, then fails the job where it is red. */
export async function main(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  try {
    const inputs = actionInputs(env)
    for (const mask of runnerMasks(Secrets.toHide(new Secrets(inputs.secrets, env), inputs), SHORTEST_SECRET))
      core.setSecret(mask)
    const pullRequest = PullRequestPlan.of(inputs, env, signal)
    const carried = await carry(inputs, env, signal, pullRequest)
    await show(carried, env)
    await pullRequest?.comment(carried, { info: core.info, warning: core.warning })
    // A cancelled main leaves what is drained and untouched to post.
    if (!signal.aborted) await attemptAll([['the end of the run, for the post step,', () => saveEnded(core)]], core)
    if (!green(carried)) core.setFailed(whyRed(carried))
  } catch (error) {
    fail(error, env)
  }
}

async function carry(
  inputs: Inputs,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  pullRequest: PullRequestPlan | null,
): Promise<Carried> {
  const drains = new DrainNotices(core)
  const id = actionRunId({ env, shard: null, choice: [inputs.config, inputs.hosts ?? ''] })
  const workspace = env.GITHUB_WORKSPACE ?? process.cwd()
  return carryOut({
    request: {
      id,
      inputs,
      event: env.GITHUB_EVENT_NAME ?? '',
      url: runUrl(env),
      actor: env.GITHUB_TRIGGERING_ACTOR ?? env.GITHUB_ACTOR ?? null,
      workspace,
      agentSocket: env.SSH_AUTH_SOCK ?? null,
      ticks: ticksOf(env, workspace),
    },
    env,
    clock: systemClock,
    signal,
    sink: jobLog(),
    begun: (file) => freeze(id, inputs, file, env),
    audience: () => audienceOfRun(env, inputs.githubToken),
    listen: (event, disclose) => drains.take(event, disclose),
    ...(pullRequest === null ? {} : { change: () => pullRequest.change(workspace) }),
  })
}

/** Before the first lease: from here on post answers for what main may leave (H7). */
function freeze(runId: string, inputs: Inputs, file: MaintenanceFile, env: NodeJS.ProcessEnv): void {
  const { sshPrivateKey: _k, sshKeyPassphrase: _p, sudoPassword: _s, githubToken: _t, ...plain } = inputs
  const text = JSON.stringify({ inputs: plain, file: freezeFile(file) })
  saveBegun(core, env.RUNNER_TEMP ?? process.cwd(), { runId, text })
}

async function show(carried: Carried, env: NodeJS.ProcessEnv): Promise<void> {
  const { problems } = carried.result
  const annotations =
    problems === null ? annotationsOfRun(carried.record, carried.disclose) : annotationsOfError(problems)
  annotate(annotations, carried.redactor, core)
  await attemptAll(
    [
      ['the job summary', () => writeSummary(carried, env)],
      ['the outputs', () => setOutputs(allOutputs(carried), carried.redactor, core)],
    ],
    core,
  )
}

async function writeSummary({ redactor, summary }: Carried, env: NodeJS.ProcessEnv): Promise<void> {
  if (env.GITHUB_STEP_SUMMARY) await core.summary.addRaw(redactor.text(summary)).write({ overwrite: true })
}

function allOutputs({ plan, report, reportPath, sitePath }: Carried): Outputs {
  const hasWork = plan === null ? null : plan.plan.hosts.some((h) => h.drain?.needed !== false)
  return outputsOf(report, { reportPath, planPath: plan?.path ?? null, sitePath, hasWork })
}

/** In the log and on the page of the run: an internal error may quote a host. */
function whyRed({ result, disclose }: Carried): string {
  const { verdict, reason, sentence, open } = result.ending
  if (disclose !== 'full' && open !== undefined) return oneLine(`${open}; the reason is in report.json`)
  const isOpen = disclose === 'full' || isOpenReason(reason) || verdict !== 'failed'
  return oneLine(isOpen ? sentence : `${verdict}: the reason is in report.json`)
}

function green({ result, report }: Carried): boolean {
  return isGreen({ mode: result.mode, ...result.ending, hosts: report.hosts.map((h) => h.verdict) })
}

/** Before there was anything to report on, or where reporting itself failed. */
function fail(error: unknown, env: NodeJS.ProcessEnv): void {
  const outputs = error instanceof ConfigError ? refusedOutputs(env) : outputsWithoutReport()
  const setAll = () => {
    for (const name of OUTPUT_NAMES) core.setOutput(name, outputs[name])
  }
  void attemptAll([['the outputs', setAll]], core)
  if (error instanceof ConfigError) {
    for (const problem of error.problems) core.error(oneLine(describeProblem(problem)))
    core.setFailed(oneLine(error.hint ?? 'the inputs are refused'))
  } else core.setFailed(oneLine(error instanceof Error ? error.message : String(error)))
}

function refusedOutputs(env: NodeJS.ProcessEnv): Outputs {
  const { report, path } = reportRefusedInputs(env, systemClock.now())
  return outputsOf(report, { reportPath: path, planPath: null, sitePath: null, hasWork: null })
}

const oneLine = (text: string) => shownError(text).replaceAll(/\s+/g, ' ').slice(0, 2_000)
