import { counted } from '../show/duration'
import { markdownBlock, markdownSpan } from '../show/for-markdown'
import type { Disclosure } from './disclose'
import type { LineDiff } from './line-diff'

/** A file that the maintenance file names, and that a pull request changes. */
export interface NamedFile {
  /** As the maintenance file names it: `./balancer.sh`. */
  readonly path: string
  /** sha256 of its bytes in the base and in the pull request; null: it is not there. */
  readonly from: string | null
  readonly to: string | null
  /** null: it is no text. */
  readonly diff: LineDiff | null
  /** Why it could not be compared; null: it was. */
  readonly unknown: string | null
}

const MOST_FILES = 30
const MOST_SHOWN = 4
const MOST_LINES = 20
const LONGEST_LINE = 160
const SHORT_HASH = 12

/** One line a file. Pure. */
export function namedFileLines(files: readonly NamedFile[]): readonly string[] {
  const more = files.length > MOST_FILES ? [`- … and ${files.length - MOST_FILES} more files`] : []
  return [...files.slice(0, MOST_FILES).map((file) => `- ${fileLine(file)}`), ...more]
}

function fileLine({ path, from, to, diff, unknown }: NamedFile): string {
  const name = markdownSpan(path, 120)
  if (unknown !== null) return `${name} could not be compared: ${markdownSpan(unknown)}`
  const lines = diff === null ? '' : `: ${counted(diff.added, 'line')} added, ${diff.removed} removed`
  if (from === null) return `➕ ${name} (sha256 ${short(to)})${lines}`
  if (to === null) return `➖ ${name} (sha256 ${short(from)})`
  return `${name} changed (sha256 ${short(from)} → ${short(to)})${lines}`
}

const short = (hash: string | null) => markdownSpan(hash?.slice(0, SHORT_HASH) ?? '?')

/** The lines themselves, a few of each of the first files; only where everything may be shown. Pure. */
export function namedFileBlocks(files: readonly NamedFile[], disclose: Disclosure): readonly string[] {
  if (disclose !== 'full') return []
  const shown = files.filter(({ diff, to }) => to !== null && diff !== null && diff.lines.length > 0)
  return shown.slice(0, MOST_SHOWN).map(({ path, diff }) => {
    const lines = diff?.lines ?? []
    const rest = lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} more lines`] : []
    const text = [...lines.slice(0, MOST_LINES).map(cutLine), ...rest].join('\n')
    return `${markdownSpan(path, 120)}\n\n${markdownBlock(text, MOST_LINES * (LONGEST_LINE + 2), 'diff')}`
  })
}

function cutLine(line: string): string {
  const characters = [...line]
  return characters.length <= LONGEST_LINE ? line : `${characters.slice(0, LONGEST_LINE).join('')}…`
}
