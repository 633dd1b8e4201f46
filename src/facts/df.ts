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
  return linesOf(out).flatMap((line) => rowOf(line) ?? [])
}

const NUMBER = /^\d{1,15}$/
const SHARE = /^(?:\d+%|-)$/

/**
 * Three numbers, a share and a path, wherever they first stand in a row: what is before them is the source, which may hold
 * blanks, as the path may. Word by word, so that a line of nothing but blanks costs no more than its length.
 */
function rowOf(line: string): DfRow | undefined {
  const words = [...line.matchAll(/\S+/g)]
  let numbers: readonly string[] = []
  for (const [place, { 0: word, index }] of words.entries()) {
    const [total, used, free] = numbers.map(Number)
    const path = words[place + 1]
    const isRow = place > 3 && SHARE.test(word) && total !== undefined && used !== undefined && free !== undefined
    if (isRow && path?.[0].startsWith('/')) {
      const source = line.slice(0, words[place - 3]?.index ?? index).trimEnd()
      return { source: source.slice(0, 256), mount: line.slice(path.index, path.index + 1024), total, used, free }
    }
    if (!NUMBER.test(word)) numbers = []
    else numbers = [...numbers.slice(-2), word]
  }
  return undefined
}
