import { getOctokit } from '@actions/github'
import { retry } from '@octokit/plugin-retry'
import { throttling } from '@octokit/plugin-throttling'
import { fetch, type RequestInit } from 'undici'
import { MaintenanceError, sentenceOf } from '../errors'
import { type DispatcherOptions, outgoing } from '../network/dispatcher'
import { counted } from '../show/duration'

/** How GitHub's REST API is reached. */
export interface GithubAccess {
  readonly token: string
  /** `https://api.github.com`, or the one of a server of one's own. */
  readonly apiUrl: string
  /** Ends every request that is under way. */
  readonly signal: AbortSignal
  /** The unit of pauses between tries; shorter only in tests. */
  readonly paceMs?: number
  /** How it is connected to; other than the machine says only in tests. */
  readonly network?: DispatcherOptions
}

export type Github = ReturnType<typeof githubClient>

/** One request, tries not counted, may take this long. */
const REQUEST_MS = 10_000
/** A longer wait than this for the end of a limit is not worth a notice. */
const LONGEST_WAIT_SECONDS = 60
const RETRIES = 2

/** A client that paces itself, waits where GitHub asks it to, tries again what may pass, and never waits without end. */
export function githubClient(access: GithubAccess) {
  const wait = (retryAfterSeconds: number, _options: object, _client: object, tries: number) =>
    tries < RETRIES && retryAfterSeconds <= LONGEST_WAIT_SECONDS
  const quiet = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const dispatcher = outgoing(access.network)
  const client = getOctokit(
    access.token,
    {
      baseUrl: access.apiUrl,
      userAgent: 'pitstop',
      request: { fetch: (url: string, init: RequestInit) => fetch(url, { ...init, dispatcher }) },
      // Messages of the client may quote what a server says; what went wrong is told by whoever called.
      log: quiet,
      retry: { retries: RETRIES, ...(access.paceMs === undefined ? {} : { retryAfterBaseValue: access.paceMs }) },
      throttle: {
        // Everything that is told to one server keeps one pace.
        id: access.apiUrl,
        onRateLimit: wait,
        onSecondaryRateLimit: wait,
        fallbackSecondaryRateRetryAfter: LONGEST_WAIT_SECONDS,
        ...(access.paceMs === undefined ? {} : { retryAfterBaseValue: access.paceMs }),
      },
    },
    retry,
    throttling,
  )
  client.hook.before('request', (options) => {
    options.request = { ...options.request, signal: AbortSignal.any([access.signal, AbortSignal.timeout(REQUEST_MS)]) }
  })
  return client
}

/** The status of an answer that refused a request; null: there was no answer. */
export function githubStatus(error: unknown): number | null {
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  const answered = error instanceof Error && 'response' in error && error.response !== undefined
  return answered && typeof status === 'number' ? status : null
}

/** One sentence of ours: nothing that a server says gets into it. */
export function describeGithubError(error: unknown): string {
  const status = githubStatus(error)
  const own = ownErrorIn(error)
  if (own !== null) return sentenceOf(own)
  if (status === null)
    return `GitHub did not answer within ${counted(REQUEST_MS / 1_000, 'second')}, or could not be reached`
  return `GitHub answered ${status}${MEANINGS[status] === undefined ? '' : ` (${MEANINGS[status]})`}`
}

/** The request did not leave, for a reason of ours: it is wrapped by the client, and by what the client sends with. */
function ownErrorIn(error: unknown): MaintenanceError | null {
  if (error instanceof MaintenanceError) return error
  return error instanceof Error && error.cause !== undefined ? ownErrorIn(error.cause) : null
}

const MEANINGS: Readonly<Record<number, string>> = {
  401: 'the token is not valid',
  403: 'the token may not do this; see the `permissions` of the job',
  404: 'not found, or the token may not see it',
  409: 'something else changed it at the same time',
  422: 'it did not accept the request',
  429: 'too many requests',
}

function ignore(): void {}
