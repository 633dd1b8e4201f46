import { createHash } from 'node:crypto'
import { dirname, join, normalize } from 'node:path/posix'
import { scriptPath } from '../../config/command'
import { confinedEntries, readConfinedFile } from '../../config/confined-file'
import { COMMAND_KEYS } from '../../config/stage/command-keys'
import { lineDiff } from '../../report/line-diff'
import type { NamedFile } from '../../report/named-file'
import type { Github } from '../github'
import type { PullRequest } from './pull-request'
import { baseEntries, readBase } from './read-base'

/** No run needs more; each is a request to GitHub. */
const MOST_FILES = 100
const MAX_BYTES = 1_048_576

/** Both versions of a maintenance file as plain data, and where it lies. */
export interface Versions {
  readonly before: unknown
  readonly after: unknown
  /** In the repository. */
  readonly path: string
  /** Folder of the repository as it is checked out. */
  readonly workspace: string
}

/** Scripts, inventories and variables beside them that either version names, where base and pull request differ. */
export async function changedNamedFiles(
  github: Github,
  request: PullRequest,
  x: Versions,
): Promise<readonly NamedFile[]> {
  const folder = join(x.workspace, dirname(x.path))
  const named = new Set([...namesIn(x.before), ...namesIn(x.after)])
  const folders = new Set([...varFolders(x.before), ...varFolders(x.after)])
  for (const one of folders) {
    for (const path of filesBelow(folder, one)) named.add(path)
    for (const path of await baseEntries(github, request, join(dirname(x.path), one))) named.add(join(one, path))
  }
  const changed: NamedFile[] = []
  for (const path of [...named].slice(0, MOST_FILES)) {
    const file = await compared(github, request, x, path)
    if (file !== null) changed.push(file)
  }
  return changed
}

/** null: it is the same in both. */
async function compared(
  github: Github,
  request: PullRequest,
  { path: config, workspace }: Versions,
  path: string,
): Promise<NamedFile | null> {
  const head = readConfinedFile(join(workspace, dirname(config)), path, MAX_BYTES)
  const base = await readBase(github, request, normalize(join(dirname(config), path)))
  if (!base.ok && !base.isMissing) return { path, from: null, to: null, diff: null, unknown: base.why }
  const [before, after] = [base.ok ? base.bytes : null, head.ok ? head.bytes : null]
  const [from, to] = [hashOf(before), hashOf(after)]
  if (from === to) return null
  const [old, now] = [textOf(before), textOf(after)]
  return { path, from, to, diff: old === null || now === null ? null : lineDiff(old, now), unknown: null }
}

function hashOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : createHash('sha256').update(bytes).digest('hex')
}

/** What is not there has no lines; null: it is no text. */
function textOf(bytes: Uint8Array | null): string | null {
  if (bytes === null) return ''
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

function namesIn(value: unknown): readonly string[] {
  const scripts = [...strings(value)].flatMap(([key, text]) => {
    const script = COMMAND_KEYS.has(key) ? scriptPath(text) : null
    return script === null ? [] : [script]
  })
  return [...scripts, ...inventories(value).map(({ path }) => path)]
}

function inventories(value: unknown): readonly { readonly kind: string; readonly path: string }[] {
  const inventory = member(value, 'inventory')
  return ['ansible', 'json'].flatMap((kind) => {
    const path = member(inventory, kind)
    return typeof path === 'string' ? [{ kind, path }] : []
  })
}

/** Folders beside an inventory of Ansible that are read with it. */
function varFolders(value: unknown): readonly string[] {
  return inventories(value)
    .filter(({ kind }) => kind === 'ansible')
    .flatMap(({ path }) => ['group_vars', 'host_vars'].map((name) => join(dirname(path), name)))
}

function filesBelow(folder: string, below: string): readonly string[] {
  return confinedEntries(folder, below).flatMap(({ name, isFile }) => (isFile ? [join(below, name)] : []))
}

/** Every text in the data with the key it stands at. */
function* strings(value: unknown, key = ''): Generator<readonly [key: string, text: string]> {
  if (typeof value === 'string') yield [key, value]
  else if (Array.isArray(value)) for (const item of value) yield* strings(item, key)
  else if (typeof value === 'object' && value !== null)
    for (const [name, inner] of Object.entries(value)) yield* strings(inner, name)
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}
