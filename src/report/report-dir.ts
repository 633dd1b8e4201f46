import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ConfigError } from '../errors'
import type { Report } from './report-schema'

/** Says that the folder was made by Pitstop: only such a folder, or an empty one, is written to. */
const MARK = '.pitstop-report'

/** What a run leaves that is of this run alone. */
const OF_ONE_RUN = [
  'journal.jsonl',
  'journal-post.jsonl',
  'logs',
  'plan.json',
  'report.json',
  'report-post.json',
  'summary.html',
  'summary.md',
] as const

/** The folder of report, journal and logs: ours alone, never reached through a symbolic link (H16). */
export class ReportDir {
  /** Absolute. */
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /**
   * Makes the folder, or takes one that carries our mark or is empty; its mode becomes 0700.
   * @throws ConfigError when it holds something else, is no folder, or a symbolic link lies on the way
   */
  static open(given: string, workspace: string): ReportDir {
    const path = safePath(given, workspace)
    const found = lstatOrNull(path)
    if (found === null) mkdirSync(path, { recursive: true, mode: 0o700 })
    else requireOurs(given, path, found)
    chmodSync(path, 0o700)
    const dir = new ReportDir(path)
    dir.write(MARK, 'Made by Pitstop. It may overwrite everything in here.\n')
    return dir
  }

  pathOf(name: string): string {
    return join(this.path, name)
  }

  /** Replaces a whole file of the folder (mode 0600): a reader sees the old or the new one, never a part. */
  write(name: string, text: string): string {
    if (basename(name) !== name) throw new Error(`${name} is not a name of a file in the report folder`)
    const path = this.pathOf(name)
    const unfinished = `${path}.new`
    rmSync(unfinished, { force: true })
    writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true })
    renameSync(unfinished, path)
    return path
  }

  /** Takes away a file that an earlier run left. */
  remove(name: string): void {
    rmSync(this.pathOf(name), { force: true })
  }

  /** Takes away what an earlier run told of itself, so that nobody reads it as this one's. The status site goes on. */
  forgetEarlierRun(): void {
    for (const name of OF_ONE_RUN) rmSync(this.pathOf(name), { recursive: true, force: true })
  }

  /** Writes the report; returns its path. */
  writeReport(report: Report, name = 'report.json'): string {
    return this.write(name, `${JSON.stringify(report, null, 2)}\n`)
  }
}

function safePath(given: string, workspace: string): string {
  if (given.includes('\0') || given.split(/[/\\]/).includes('..')) throw refused(`"${given}" must not contain ".."`)
  const inside = insideWorkspace(resolve(workspace, given), workspace)
  if (inside === null) return withLinksResolved(resolve(given))
  if (inside === '') throw refused('the report folder cannot be the workspace itself')
  // The way to the workspace itself may go over links of the system; what lies inside comes from the repository.
  requireNoLinks(given, realpathSync(workspace), inside)
  return resolve(realpathSync(workspace), inside)
}

/** The path relative to the workspace, however that is spelled; null: outside. */
function insideWorkspace(path: string, workspace: string): string | null {
  const ways = [resolve(workspace), realpathSync(workspace)].map((root) => relative(root, path))
  return ways.find((way) => way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) ?? null
}

/** With the links above the folder resolved: only its last component must be no link. */
function withLinksResolved(path: string): string {
  let existing = dirname(path)
  const rest = [basename(path)]
  while (lstatOrNull(existing) === null) {
    rest.unshift(basename(existing))
    existing = dirname(existing)
  }
  return join(realpathSync(existing), ...rest)
}

function requireNoLinks(given: string, root: string, inside: string): void {
  let path = root
  for (const component of inside.split(sep)) {
    path = join(path, component)
    if (lstatOrNull(path)?.isSymbolicLink()) throw refused(`"${given}" leads through the symbolic link ${path}`)
  }
}

function requireOurs(given: string, path: string, found: Stats): void {
  if (found.isSymbolicLink()) throw refused(`"${given}" is a symbolic link`)
  if (!found.isDirectory()) throw refused(`"${given}" is not a folder`)
  if (process.getuid !== undefined && found.uid !== process.getuid())
    throw refused(`"${given}" belongs to another user`)
  const mark = lstatOrNull(join(path, MARK))
  if (mark?.isFile() || readdirSync(path).length === 0) return
  throw refused(`"${given}" holds files that Pitstop did not make`)
}

function refused(message: string): ConfigError {
  return new ConfigError([{ path: 'report-dir', message }], {
    hint: 'Name a folder that does not exist yet, or one of an earlier run.',
  })
}

function lstatOrNull(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null
}
