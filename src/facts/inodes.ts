import { sh } from '../shell/sh'
import { parseDf } from './df'
import { whyExit } from './exit'
import { type Fact, ok, unknown } from './fact'

export interface Inodes {
  readonly mount: string
  readonly source: string
  readonly total: number
  readonly used: number
  readonly free: number
}

/** Inodes of local file systems that have a fixed number of them (btrfs and its kin have none, and are left out). */
export const inodes: Fact<readonly Inodes[]> = {
  id: 'inodes',
  sh: sh`df -Pil 2>/dev/null || df -Pi`,
  cap: 1_048_576,
  parse: (out, rc) => {
    if ((rc !== 0 && rc !== 1) || !out.includes('\n')) return unknown(whyExit(rc))
    const rows = parseDf(out).filter((row) => row.total > 0)
    if (rc === 1 && rows.length === 0) return unknown('df could not count inodes')
    return ok([...new Map(rows.map((row) => [row.mount, row])).values()])
  },
}
