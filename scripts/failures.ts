import { forLog } from '../src/show/for-log'
import { Redactor } from '../src/show/redact'

/** Something that failed in a run of the tests. */
export interface Failure {
  /** A test, a suite whose hooks failed or a file that could not be loaded, or an error that is of no test. */
  readonly kind: 'test' | 'suite' | 'process'
  readonly file: string
  /** Empty for a whole file. */
  readonly title: string
  readonly why: string
}

const LINES = 60
const CHARACTERS = 8_000
const LINES_EACH = 28
const LONGEST_LINE = 300

/**
 * The failures in at most 60 lines and 8,000 characters. Every one is named, as long as there is room for names; what they
 * say shares the rest.
 */
export function describeFailures(failures: readonly Failure[]): readonly string[] {
  const each = Math.min(LINES_EACH, Math.floor((LINES - 1) / Math.max(1, failures.length)) - 1)
  const out: string[] = []
  let left = CHARACTERS
  for (const [i, failure] of failures.entries()) {
    const said = [`FAILED ${nameOf(failure)}`, ...ends(failure.why, each).map((line) => `  ${line}`)]
    const size = said.join('\n').length + 1
    if (out.length + said.length >= LINES || size > left) return [...out, `… and ${failures.length - i} more`]
    left -= size
    out.push(...said)
  }
  return out
}

function nameOf({ kind, file, title }: Failure): string {
  const words = [file, title].filter((word) => word !== '').join(' > ')
  const name = printable(words).join(' ')
  return { test: name, suite: `${name} (a suite: its file or a hook)`, process: 'an error of no test' }[kind]
}

/** A message often begins with the log of a run and ends with what was expected: the middle says least. */
function ends(text: string, count: number): readonly string[] {
  const lines = printable(text).filter((line) => line.trim() !== '')
  if (lines.length <= count) return lines
  const head = Math.floor(count / 4)
  const tail = count - head - 1
  if (tail < 1) return count < 1 ? [] : lines.slice(-1)
  return [...lines.slice(0, head), `… ${lines.length - head - tail} lines …`, ...lines.slice(-tail)]
}

/** What failed may have printed anything, and the log of a job is read by a runner. */
function printable(text: string): readonly string[] {
  return forLog(text, null, new Redactor([])).map((line) => line.slice(0, LONGEST_LINE))
}
