import { githubClient } from '../announce/github'
import { type Audience, audienceOf } from '../report/disclose'
import { eventPayload } from './event-payload'

/** A run does not wait longer than this to know who reads it. */
const ASK_MS = 2_000

/**
 * Who can read what the run shows: from the payload of its event. That of `schedule` says nothing of the repository, so
 * GitHub is asked once, with the job's own token. `unknown` where it does not answer.
 */
export async function audienceOfRun(env: NodeJS.ProcessEnv, token: string | null): Promise<Audience> {
  const told = audienceOf(eventPayload(env))
  const [owner, repo] = (env.GITHUB_REPOSITORY ?? '').split('/')
  if (told !== 'unknown' || token === null || !owner || !repo) return told
  const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com'
  const github = githubClient({ token, apiUrl, signal: AbortSignal.timeout(ASK_MS) })
  return github.rest.repos.get({ owner, repo }).then(
    ({ data }) => audienceOf({ repository: data }),
    () => 'unknown' as const,
  )
}
