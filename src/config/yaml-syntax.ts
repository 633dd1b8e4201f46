import type { YAMLError } from 'yaml'

/** In our words: messages of the library may quote the file and change with its version. */
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_INDENT: 'the indentation does not fit; what belongs together begins in the same column',
  TAB_AS_INDENT: 'a tab is used for indentation, use spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping cannot begin here; quote the text if it holds ": "',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line, with ":" after it',
  MISSING_CHAR: 'a character is missing, such as ":" "," or a closing quote or bracket',
  UNEXPECTED_TOKEN: 'this does not belong here',
  BLOCK_IN_FLOW: 'indented blocks cannot stand inside { } or [ ]',
  BAD_SCALAR_START: 'a text that begins with this character must be quoted',
  BAD_DQ_ESCAPE: 'this escape is not known in double quotes',
  BAD_ALIAS: 'aliases (*…) are not read',
  TAG_RESOLVE_FAILED: 'tags (!…) are not read',
  MULTIPLE_ANCHORS: 'anchors (&…) are not read',
}

/** What is wrong; where a brace of a text was read as one of YAML, as in `{ run: ./x {host} }`, what mends it. */
export function syntaxSentence(error: YAMLError, isIndentation: boolean, text: string): string | undefined {
  if (isIndentation) return SYNTAX.BAD_INDENT
  const [at] = error.pos
  const isBrace = text[at] === '{' || text.slice(0, at).trimEnd().endsWith('}')
  if (error.code !== 'UNEXPECTED_TOKEN' || !isBrace) return SYNTAX[error.code]
  return `${SYNTAX.UNEXPECTED_TOKEN}; a text that holds { or } is quoted, such as "./balancer.sh out {host}"`
}

const MOST_SHOWN = 100

/**
 * A line of the file, and a caret below the place. Each tab is one space wide, so that the caret stands below its letter; the
 * spaces a line begins with are not what is meant.
 */
export function excerptOf(line: string, column: number): readonly [string, string] {
  const at = Math.max(column - 1, line.search(/[^ ]/))
  const from = Math.max(0, at - MOST_SHOWN)
  return [
    line
      .slice(from, from + MOST_SHOWN + 20)
      .replaceAll('\t', ' ')
      .trimEnd(),
    `${' '.repeat(at - from)}^`,
  ]
}

/**
 * Where a line begins too far left or right; null: the error is another one. A line that is indented below a value, as if
 * it went on, is told by the library as two faults of the line above.
 */
export function wrongIndentation(error: YAMLError, errors: readonly YAMLError[], text: string): number | null {
  if (error.code === 'BAD_INDENT') return error.pos[0]
  const twin = errors.some((other) => other.code === 'MULTILINE_IMPLICIT_KEY' && other.pos[0] === error.pos[0])
  if (error.code !== 'BLOCK_AS_IMPLICIT_KEY' || !twin) return null
  const next = /\n[ \n]*(?=[^ \n])/.exec(text.slice(error.pos[0]))
  return next === null ? null : error.pos[0] + next.index + next[0].length
}
