import { plain } from '../../config/tree'
import { MAX_FILE_BYTES, parseYamlTree } from '../../config/yaml-tree'
import { changeOfFile } from '../../report/file-change'
import type { Change } from '../../report/plan-view'
import { describeGithubError, type Github, githubStatus } from '../github'
import type { PullRequest } from './pull-request'

/**
 * What the pull request changes in the maintenance file, against the commit it is to be merged into. `head` is the file
 * as it lies in the workspace, `path` where it lies in the repository.
 */
export async function changeAgainstBase(
  github: Github,
  request: PullRequest,
  path: string,
  head: Uint8Array,
): Promise<Change> {
  const base = await readBase(github, request, path)
  if (!base.ok) return { known: false, why: base.why }
  const before = dataOf(base.bytes, path)
  const after = dataOf(head, path)
  if (!before.ok) return { known: false, why: `the file of the base is none that this version reads: ${before.why}` }
  if (!after.ok) return { known: false, why: after.why }
  return { known: true, change: changeOfFile(before.value, after.value) }
}

type Read = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string }

async function readBase(github: Github, { owner, repo, baseSha }: PullRequest, path: string): Promise<Read> {
  try {
    const { data } = await github.rest.repos.getContent({ owner, repo, path, ref: baseSha })
    if (Array.isArray(data) || data.type !== 'file' || !('content' in data) || data.encoding !== 'base64')
      return { ok: false, why: `${path} is no file in the base` }
    if (data.size > MAX_FILE_BYTES) return { ok: false, why: `${path} is too large in the base` }
    return { ok: true, bytes: Buffer.from(data.content, 'base64') }
  } catch (error) {
    // GitHub answers alike for a file that is new and for one that the token may not read.
    if (githubStatus(error) === 404)
      return { ok: false, why: `the base has no ${path}, or the token may not read it (permission contents: read)` }
    return { ok: false, why: describeGithubError(error) }
  }
}

function dataOf(bytes: Uint8Array, path: string): { ok: true; value: unknown } | { ok: false; why: string } {
  const { tree, problems } = parseYamlTree(bytes, path)
  const [first] = problems
  if (tree === undefined || first !== undefined) return { ok: false, why: first?.message ?? 'it is empty' }
  return { ok: true, value: plain(tree) }
}
