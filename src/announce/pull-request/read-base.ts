import { MAX_FILE_BYTES } from '../../config/yaml-tree'
import { describeGithubError, type Github, githubStatus } from '../github'
import type { PullRequest } from './pull-request'

type Read =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** `isMissing`: the base has none, or the token may not read it: GitHub answers alike. */
  | { readonly ok: false; readonly why: string; readonly isMissing: boolean }

/** A file of the commit that a pull request is to be merged into. `path` is where it lies in the repository. */
export async function readBase(github: Github, { owner, repo, baseSha }: PullRequest, path: string): Promise<Read> {
  try {
    const { data } = await github.rest.repos.getContent({ owner, repo, path, ref: baseSha })
    if (Array.isArray(data) || data.type !== 'file' || !('content' in data) || data.encoding !== 'base64')
      return { ok: false, why: `${path} is no file in the base`, isMissing: false }
    if (data.size > MAX_FILE_BYTES) return { ok: false, why: `${path} is too large in the base`, isMissing: false }
    return { ok: true, bytes: Buffer.from(data.content, 'base64') }
  } catch (error) {
    if (githubStatus(error) === 404) {
      const why = `the base has no ${path}, or the token may not read it (permission contents: read)`
      return { ok: false, why, isMissing: true }
    }
    return { ok: false, why: describeGithubError(error), isMissing: false }
  }
}

/** Names of the files of a folder in the base; none where there is no such folder. @throws what GitHub answers else */
export async function baseEntries(
  github: Github,
  { owner, repo, baseSha }: PullRequest,
  path: string,
): Promise<readonly string[]> {
  try {
    const { data } = await github.rest.repos.getContent({ owner, repo, path, ref: baseSha })
    return Array.isArray(data) ? data.flatMap(({ type, name }) => (type === 'file' ? [name] : [])) : []
  } catch (error) {
    if (githubStatus(error) === 404) return []
    throw error
  }
}
