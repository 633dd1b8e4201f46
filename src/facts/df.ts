import { linesOf } from './text'

/** A row of `df -P`: the numbers are in the unit df was asked for; `free` is what others than root can have. */
export interface DfRow {
  readonly source: string
  readonly mount: string
  readonly total: number
  readonly used: number
  readonly free: number
}

/** Rows of `df -P`; rows without numbers (`-`) and the heading are left out. Source: POSIX df. */
export function parseDf(out: string): DfRow[] {
  return linesOf(out).flatMap((line) => {
    const match = /^(.+?)\s+(\d{1,15})\s+(\d{1,15})\s+(\d{1,15})\s+(?:\d+%|-)\s+(\/.*)$/.exec(line)
    if (!match?.[1] || !match[5]) return []
    return [
      {
        source: match[1].slice(0, 256),
        mount: match[5].slice(0, 1024),
        total: Number(match[2]),
        used: Number(match[3]),
        free: Number(match[4]),
      },
    ]
  })
}
