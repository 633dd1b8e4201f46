import { sh } from '../shell/sh'
import { parseDf } from './df'
import { whyExit } from './exit'
import { type Fact, ok, unknown } from './fact'

export interface Disk {
  readonly mount: string
  readonly source: string
  readonly totalBytes: number
  readonly usedBytes: number
  /** What is free for others than root. */
  readonly freeBytes: number
}

/** Space of local file systems. `-l` keeps away from network mounts, on which df can hang; BusyBox knows no `-l`. */
export const disks: Fact<readonly Disk[]> = {
  id: 'disks',
  sh: sh`df -Pkl 2>/dev/null || df -Pk`,
  cap: 1_048_576,
  parse: (out, rc) => {
    const rows = parseDf(out)
    // df ends with 1 when one of many file systems cannot be looked at (a user's FUSE mount): the rows it printed are whole.
    if ((rc !== 0 && rc !== 1) || rows.length === 0) return unknown(rc === 0 ? 'df named no file system' : whyExit(rc))
    const byMount = new Map(rows.map((row) => [row.mount, row]))
    return ok(
      [...byMount.values()].map((row) => ({
        mount: row.mount,
        source: row.source,
        totalBytes: row.total * 1024,
        usedBytes: row.used * 1024,
        freeBytes: row.free * 1024,
      })),
    )
  },
}

/** The file system that holds `path`: the longest mount point above it. Undefined: not among these. */
export function diskOf(all: readonly Disk[], path: string): Disk | undefined {
  return all
    .filter(({ mount }) => mount === '/' || path === mount || path.startsWith(`${mount}/`))
    .sort((a, b) => b.mount.length - a.mount.length)[0]
}
