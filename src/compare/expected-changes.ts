import type { CheckResult } from '../checks/check'
import { cleanText } from '../checks/excerpt'
import { matchesGlob } from '../glob/glob'

/**
 * A change that the maintenance file announces (`expect_changes`) is no fault: `fail` and `warn` become `pass` with a note.
 * What could not be read stays unknown: nobody can expect that.
 * @param twin another id under which the same change may be announced
 */
export function allowExpected(
  checks: readonly CheckResult[],
  globs: readonly string[],
  twin: (id: string) => string | undefined = () => undefined,
): CheckResult[] {
  return checks.map(shown).map((check) => {
    if (check.outcome !== 'fail' && check.outcome !== 'warn') return check
    const ids = [check.id, twin(check.id)]
    const glob = globs.find((one) => ids.some((id) => id !== undefined && matchesGlob(one, id)))
    return glob === undefined
      ? check
      : { ...check, outcome: 'pass', actual: `${check.actual} (expected: ${glob})`, expectedChange: true }
  })
}

/** Mount points and names of processes are host text and part of ids: no control character gets any further. */
function shown(check: CheckResult): CheckResult {
  return {
    ...check,
    id: cleanText(check.id, 300),
    expected: cleanText(check.expected, 300),
    actual: cleanText(check.actual, 300),
  }
}
