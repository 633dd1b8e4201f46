import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../../errors'
import { parseKnownHosts } from '../../host/known-hosts'

const MOST_BYTES = 4 * 2 ** 20

/**
 * The lines of `~/.ssh/known_hosts` that can be read; null: there is no such file. Whoever keeps it did not write it for
 * us, so a line that says nothing to us is passed over; a marked line (`@revoked`) never is.
 */
export function ownKnownHosts(home: string): string | null {
  const path = join(home, '.ssh/known_hosts')
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile() || stat.size > MOST_BYTES) return null
  return readFileSync(path, 'utf8').split('\n').filter(isForUs).join('\n')
}

function isForUs(line: string): boolean {
  if (line.trim().startsWith('@')) return true
  try {
    parseKnownHosts(line)
    return true
  } catch (error) {
    if (error instanceof ConfigError) return false
    throw error
  }
}
