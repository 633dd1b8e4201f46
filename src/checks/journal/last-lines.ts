import type { Answer, Question } from '../../host/remote'
import { sh } from '../../shell/sh'
import { cleanText } from '../excerpt'
import type { JournalOf } from './units-of-check'

const MOST_LINES = 10
/** Of one line, in characters. */
const LONGEST_LINE = 300
const CAP = 131_072
const TIMEOUT_MS = 15_000

/**
 * The last lines of a journal in so many seconds. They are counted back by the host's own clock, as that of the runner may
 * differ from it.
 */
export function lastLines(id: string, of: JournalOf, seconds: number): Question {
  const whose = of.by === 'unit' ? sh`${`--unit=${of.name}`}` : sh`${`_COMM=${of.name}`}`
  return {
    id,
    sh: sh`s=${Math.ceil(seconds)}; LC_ALL=C journalctl -q ${whose} --since "@$(($(date +%s) - s))" -n ${MOST_LINES} --no-pager -o short`,
    cap: CAP,
    timeoutMs: TIMEOUT_MS,
  }
}

/**
 * Lines that can be shown, without controls. Masked before they are cut: half a secret would be known by no mask. Empty
 * where nothing could be read, as on a host without systemd.
 */
export function linesIn(answer: Answer | undefined, mask: (text: string) => string): readonly string[] {
  if (answer === undefined || answer.rc !== 0 || answer.truncated) return []
  return mask(answer.out)
    .split('\n')
    .map((line) => cleanText(line, LONGEST_LINE))
    .filter((line) => line !== '')
    .slice(-MOST_LINES)
}
