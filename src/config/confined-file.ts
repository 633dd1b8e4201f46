import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'

export type FileRead =
  | { readonly ok: true; readonly bytes: Uint8Array; readonly realPath: string; readonly executable: boolean }
  | { readonly ok: false; readonly why: string }

/**
 * Reads a regular file that a repository names. The path is relative, without `..`, and its real path stays inside
 * `folder`, so that neither dots nor symbolic links lead out (hazard: `../../proc/self/environ`).
 */
export function readConfinedFile(folder: string, path: string, maxBytes: number): FileRead {
  const bad = badPath(path)
  if (bad !== undefined) return { ok: false, why: bad }
  try {
    const inside = realpathSync(folder)
    const realPath = realpathSync(join(inside, path))
    if (!realPath.startsWith(inside.endsWith(sep) ? inside : inside + sep)) {
      return { ok: false, why: 'the file lies outside the folder it is named from (symbolic link)' }
    }
    const stat = statSync(realPath)
    if (!stat.isFile()) return { ok: false, why: 'this is not a regular file' }
    if (stat.size > maxBytes) return { ok: false, why: `the file has ${stat.size} bytes, at most ${maxBytes} are read` }
    return { ok: true, bytes: readFileSync(realPath), realPath, executable: (stat.mode & 0o111) !== 0 }
  } catch (error) {
    return { ok: false, why: reasonOf(error) }
  }
}

/** No repository has so many in one folder that mean anything. */
const MAX_ENTRIES = 10_000

/**
 * What lies in a folder below `folder`, by name; a folder that is not there, or lies outside, holds nothing. Links are no
 * folders here: whoever reads one as a file learns where it leads.
 */
export function confinedEntries(
  folder: string,
  path: string,
): readonly { readonly name: string; readonly isFile: boolean }[] {
  if (badPath(path) !== undefined) return []
  try {
    const inside = realpathSync(folder)
    const real = realpathSync(join(inside, path))
    if (!real.startsWith(inside.endsWith(sep) ? inside : inside + sep)) return []
    const found = readdirSync(real, { withFileTypes: true }).slice(0, MAX_ENTRIES)
    return found
      .map((one) => ({ name: one.name, isFile: !one.isDirectory() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return []
  }
}

function badPath(path: string): string | undefined {
  if (path === '' || path.includes('\0')) return 'the path is empty or holds a NUL byte'
  if (isAbsolute(path)) return 'the path must be relative'
  return path.split(/[\\/]/).includes('..') ? 'the path cannot hold ".."' : undefined
}

function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read'
  return `the file cannot be read (${code ?? 'unknown error'})`
}
