import { describeGithubError, type Github, githubClient } from '../announce/github'
import { changeAgainstBase } from '../announce/pull-request/base-file'
import { keepComment } from '../announce/pull-request/comment'
import { commentBody } from '../announce/pull-request/comment-body'
import { type PullRequest, pullRequestOf } from '../announce/pull-request/pull-request'
import type { Carried } from '../carry-out'
import { readConfinedFile } from '../config/confined-file'
import { MAX_FILE_BYTES } from '../config/yaml-tree'
import { planComment, refusalComment } from '../report/plan-comment'
import type { Change } from '../report/plan-view'
import { eventPayload } from './event-payload'
import type { Inputs } from './inputs'
import { runUrl } from './run-id'

/** GitHub may keep the plan of a pull request waiting for so long, all requests together. */
const MOST_MS = 60_000

export interface PlanSink {
  info(message: string): void
  warning(message: string): void
}

/** The pull request a plan is made for: what it changes, and our comment on it. null: the event is none. */
export class PullRequestPlan {
  readonly #request: PullRequest
  readonly #inputs: Inputs
  readonly #env: NodeJS.ProcessEnv
  /** null: there is no token to ask GitHub with. */
  readonly #github: Github | null

  private constructor(request: PullRequest, inputs: Inputs, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#request = request
    this.#inputs = inputs
    this.#env = env
    const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com'
    this.#github =
      inputs.githubToken === null
        ? null
        : githubClient({
            token: inputs.githubToken,
            apiUrl,
            signal: AbortSignal.any([signal, AbortSignal.timeout(MOST_MS)]),
          })
  }

  static of(inputs: Inputs, env: NodeJS.ProcessEnv, signal: AbortSignal): PullRequestPlan | null {
    const request = env.GITHUB_EVENT_NAME === 'pull_request' ? pullRequestOf(eventPayload(env)) : null
    return request && new PullRequestPlan(request, inputs, env, signal)
  }

  /** What the pull request changes in the maintenance file. Never throws. */
  async change(workspace: string): Promise<Change> {
    if (this.#github === null) return { known: false, why: 'there is no token to read the base with (github-token)' }
    const head = readConfinedFile(workspace, this.#inputs.config, MAX_FILE_BYTES)
    if (!head.ok) return { known: false, why: head.why }
    try {
      const file = { path: this.#inputs.config, head: head.bytes, workspace }
      return await changeAgainstBase(this.#github, this.#request, file)
    } catch (error) {
      return { known: false, why: describeGithubError(error) }
    }
  }

  /** Makes or updates our comment. Trouble is a warning, a fork and a token that may not write are no trouble at all. */
  async comment(carried: Carried, sink: PlanSink): Promise<void> {
    const sections = sectionsOf(carried, this.#inputs.config)
    if (sections === null) return
    if (this.#request.isFork) return sink.info('The pull request comes from a fork: the plan is in the summary only.')
    if (this.#github === null) return sink.info('There is no github-token: the plan is in the summary only.')
    const body = carried.redactor.text(commentBody(this.#inputs.config, sections, runUrl(this.#env)))
    const end = await keepComment(this.#github, this.#request, this.#inputs.config, body)
    if (end.kind === 'refused')
      sink.info(`The plan is in the summary only: ${end.why}. A comment needs pull-requests: write.`)
    if (end.kind === 'failed') sink.warning(`The comment with the plan could not be written: ${end.why}`)
  }
}

function sectionsOf({ view, result }: Carried, file: string): readonly string[] | null {
  if (view !== null) return planComment(view)
  return result.problems === null ? null : refusalComment(file, result.problems)
}
