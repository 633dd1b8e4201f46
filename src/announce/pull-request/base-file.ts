import { plain } from '../../config/tree'
import { parseYamlTree } from '../../config/yaml-tree'
import { changeOfFile } from '../../report/file-change'
import type { Change } from '../../report/plan-view'
import type { Github } from '../github'
import { changedNamedFiles } from './named-files'
import type { PullRequest } from './pull-request'
import { readBase } from './read-base'

/**
 * What the pull request changes in the maintenance file and in the files that it names, against the commit it is to be
 * merged into. `head` is the file as it lies in the workspace, `path` where it lies in the repository.
 */
export async function changeAgainstBase(
  github: Github,
  request: PullRequest,
  { path, head, workspace }: { readonly path: string; readonly head: Uint8Array; readonly workspace: string },
): Promise<Change> {
  const base = await readBase(github, request, path)
  if (!base.ok) return { known: false, why: base.why }
  const before = dataOf(base.bytes, path)
  const after = dataOf(head, path)
  if (!before.ok) return { known: false, why: `the file of the base is none that this version reads: ${before.why}` }
  if (!after.ok) return { known: false, why: after.why }
  const versions = { before: before.value, after: after.value, path, workspace }
  const files = await changedNamedFiles(github, request, versions)
  return { known: true, change: changeOfFile(before.value, after.value), files }
}

function dataOf(bytes: Uint8Array, path: string): { ok: true; value: unknown } | { ok: false; why: string } {
  const { tree, problems } = parseYamlTree(bytes, path)
  const [first] = problems
  if (tree === undefined || first !== undefined) return { ok: false, why: first?.message ?? 'it is empty' }
  return { ok: true, value: plain(tree) }
}
