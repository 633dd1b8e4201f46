import * as core from '@actions/core'
import { carryOut } from '../carry-out'
import { systemClock } from '../engine/clock'
import { thawFile } from '../freeze'
import { shownError } from '../show/shown-error'
import { attemptAll } from './attempts'
import { audienceOfRun } from './audience'
import { actionInputs, type Inputs } from './inputs'
import { jobLog } from './job-log'
import { runUrl } from './run-id'
import { readMainState } from './state'

/** Post is given at most this long: hosts that are not settled by then are for the next run or the recover job. */
const POST_MS = 110_000

/** The post step: only where main was cut or cancelled, it undoes untouched drains and says what is left (H7). */
export async function post(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const state = readMainState(core)
  if (state.kind !== 'cut' && state.kind !== 'unsafe') return
  if (state.kind === 'unsafe') {
    core.warning(`Pitstop did not settle what the cancelled run left: ${state.why}. Run \`mode: recover\`.`)
    return
  }
  const frozen: { inputs: Partial<Inputs>; file: string } = JSON.parse(state.frozen.text)
  // Secrets come from the environment of this step; everything else from what main froze.
  const { sshPrivateKey, sshKeyPassphrase, sudoPassword, githubToken } = actionInputs(env)
  const inputs = {
    ...frozen.inputs,
    sshPrivateKey,
    sshKeyPassphrase,
    sudoPassword,
    githubToken,
    mode: 'recover',
  } as Inputs
  const carried = await carryOut({
    request: {
      id: state.frozen.runId,
      inputs,
      event: env.GITHUB_EVENT_NAME ?? '',
      url: runUrl(env),
      actor: env.GITHUB_ACTOR ?? null,
      workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
      agentSocket: env.SSH_AUTH_SOCK ?? null,
      frozen: thawFile(frozen.file),
      adopt: true,
    },
    env,
    clock: systemClock,
    signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]),
    sink: jobLog(),
    begun: () => undefined,
    journalName: 'journal-post.jsonl',
    reportName: 'report-post.json',
    audience: () => audienceOfRun(env, githubToken),
  })
  const page = () => core.summary.addRaw(carried.redactor.text(carried.summary)).write()
  if (env.GITHUB_STEP_SUMMARY) await attemptAll([['the job summary', page]], core)
  for (const host of carried.disclose === 'none' ? [] : carried.report.hosts) {
    if (host.verdict === 'held' || host.verdict === 'unreachable')
      core.warning(
        `${host.name} is ${host.verdict}${carried.disclose === 'full' ? `: ${shownError(host.reason)}` : ''}`,
      )
  }
}
