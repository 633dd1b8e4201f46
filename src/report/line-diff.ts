/** What differs between two texts, line by line. */
export interface LineDiff {
  readonly added: number
  readonly removed: number
  /** Each with `+` or `-` before it, in the order of the texts. */
  readonly lines: readonly string[]
}

/** So many cells a comparison may fill: 1,500 changed lines against as many. */
const MOST_CELLS = 2_250_000

/** Two texts compared by their lines; what is common to both is left out. Pure. */
export function lineDiff(before: string, after: string): LineDiff {
  const [a, b] = [linesOf(before), linesOf(after)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [gone, come] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  // What is too long for an exact comparison counts as replaced.
  const lines =
    gone.length * come.length > MOST_CELLS ? [...gone.map(removed), ...come.map(added)] : changed(gone, come)
  return {
    added: lines.filter((line) => line.startsWith('+')).length,
    removed: lines.filter((line) => line.startsWith('-')).length,
    lines,
  }
}

const removed = (line: string) => `-${line}`
const added = (line: string) => `+${line}`

function linesOf(text: string): readonly string[] {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** By the longest common subsequence. */
function changed(a: readonly string[], b: readonly string[]): readonly string[] {
  const width = b.length + 1
  const longest = new Uint16Array((a.length + 1) * width)
  const at = (i: number, j: number) => longest[i * width + j] ?? 0
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const lines: string[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++
      j++
    } else if (i < a.length && (j >= b.length || at(i + 1, j) >= at(i, j + 1))) lines.push(removed(a[i++] ?? ''))
    else lines.push(added(b[j++] ?? ''))
  }
  return lines
}
