import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { ConfigError, type Problem } from '../errors'
import { inputWord } from '../show/input-words'
import { readAppends } from './appends'
import { readConfinedFile } from './confined-file'
import { Draft } from './draft'
import type { MaintenanceFile } from './schema'
import { MAX_FILE_BYTES, parseYamlTree } from './yaml-tree'

export interface LoadOptions {
  /** Folder that `path` is relative to and must not leave: the workspace, or the current folder of the command line. */
  readonly root: string
}

/**
 * Reads the maintenance file with everything it names: inventory and scripts. Executes nothing.
 * @throws ConfigError with all problems at once, each at its place
 */
export function loadMaintenanceFile(path: string, options: LoadOptions): MaintenanceFile {
  const read = readConfinedFile(options.root, path, MAX_FILE_BYTES)
  if (!read.ok)
    throw new ConfigError([{ file: path, message: read.why }], {
      hint: `${inputWord('config')} names the maintenance file, in a workflow relative to the repository.`,
    })
  const parsed = parseYamlTree(read.bytes, path)
  if (parsed.tree === undefined) throw new ConfigError(inOrder(parsed.problems))
  const { tree, problems } = readAppends(parsed.tree)
  const draft = new Draft(path, join(options.root, dirname(path)), tree)
  // Of a value that could not be read as it was written nothing more is said.
  const unread = (problem: Problem) => parsed.problems.some(({ path }) => isAtOrBelow(problem, path ?? ''))
  const all = [...parsed.problems, ...[...problems, ...draft.problems()].filter((problem) => !unread(problem))]
  if (all.length > 0) throw new ConfigError(inOrder(all))
  return draft.finished(createHash('sha256').update(read.bytes).digest('hex'))
}

function isAtOrBelow({ path = '' }: Problem, above: string): boolean {
  return above === '' || path === above || path.startsWith(`${above}.`) || path.startsWith(`${above}[`)
}

/**
 * In the order of the file, each once: a value that several groups share is told once. What is missing is told at the key
 * above or at its value, so only the path says whether two are one.
 */
function inOrder(problems: readonly Problem[]): Problem[] {
  const once = new Map<string, Problem>()
  for (const p of problems) {
    const at = p.path ? p.path : `${p.line}:${p.column}`
    const key = `${p.file}:${at}:${p.message}`
    if (!once.has(key)) once.set(key, p)
  }
  return [...once.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}
