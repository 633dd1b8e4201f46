/** The pull request that started the run. */
export interface PullRequest {
  readonly owner: string
  readonly repo: string
  readonly number: number
  readonly baseSha: string
  /** Its commits come from another repository, or from one that is gone: nothing may be written on its behalf. */
  readonly isFork: boolean
}

/** The pull request of an event's payload; null: it is none, or not as GitHub sends it. Pure. */
export function pullRequestOf(payload: unknown): PullRequest | null {
  const request = member(payload, 'pull_request')
  const base = member(request, 'base')
  const repository = member(base, 'repo')
  const [fullName, number, baseSha] = [member(repository, 'full_name'), member(request, 'number'), member(base, 'sha')]
  if (typeof fullName !== 'string' || typeof number !== 'number' || typeof baseSha !== 'string') return null
  const [owner, repo, more] = fullName.split('/')
  if (!owner || !repo || more !== undefined || !/^[0-9a-f]{40,64}$/.test(baseSha)) return null
  const head = member(member(member(request, 'head'), 'repo'), 'full_name')
  return { owner, repo, number, baseSha, isFork: head !== fullName }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
}
