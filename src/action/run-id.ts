import { createHash } from 'node:crypto'

/** What makes two runs two. The variables of the runner; `choice` tells apart the jobs of a matrix, which share them all. */
export interface RunIdentity {
  readonly env: NodeJS.ProcessEnv
  readonly shard: string | null
  /** Inputs that differ between the jobs of a matrix: config and hosts. */
  readonly choice: readonly string[]
}

const OF_THE_RUN = [
  'GITHUB_SERVER_URL',
  'GITHUB_REPOSITORY',
  'GITHUB_RUN_ID',
  'GITHUB_RUN_ATTEMPT',
  'GITHUB_JOB',
] as const

/** 20 hex digits, the same whenever the same step of the same attempt asks. @throws when the runner gave no run number */
export function actionRunId(identity: RunIdentity): string {
  const { env, shard, choice } = identity
  if (!env.GITHUB_RUN_ID)
    throw new Error('GITHUB_RUN_ID is not set: this is not a GitHub runner; use the command line instead')
  const parts = [...OF_THE_RUN.map((name) => env[name] ?? ''), shard ?? '', env.GITHUB_ACTION ?? '', ...choice]
  return digest(parts)
}

/** For the command line, where nothing names a run: `unique` is random. */
export function commandLineRunId(unique: string): string {
  return digest(['command line', unique])
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20)
}

/** Address of the run on GitHub, or null off a runner. */
export function runUrl(env: NodeJS.ProcessEnv): string | null {
  const [server, repository, id] = [env.GITHUB_SERVER_URL, env.GITHUB_REPOSITORY, env.GITHUB_RUN_ID]
  return server && repository && id ? `${server}/${repository}/actions/runs/${id}` : null
}
