import { closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A name that is nothing else: no separator, no `..`, nothing hidden, no control character, and short enough. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,239}$/

/**
 * Writes `logs/<folder>/<file>` of the report folder anew (mode 0600) and returns that path. Both names may come from
 * elsewhere: one that is no plain name is refused, and no link that somebody put there is followed (H16).
 * @throws where the name is refused, a part of the way is no folder, or the disk does not take it
 */
export function writeLogFile(reportDir: string, folder: string, file: string, text: string): string {
  for (const name of [folder, file]) {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name.slice(0, 80))} is no name of a log file`)
  }
  const logs = requireFolder(join(reportDir, 'logs'))
  const path = join(requireFolder(join(logs, folder)), file)
  rmSync(path, { force: true })
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    writeFileSync(fd, text)
  } finally {
    closeSync(fd)
  }
  return join('logs', folder, file)
}

function requireFolder(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) mkdirSync(path, { mode: 0o700 })
  if (!lstatSync(path).isDirectory()) throw new Error(`${path} is no folder`)
  return path
}
