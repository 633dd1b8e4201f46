import type { ConfigError } from '../errors'
import { describeProblem } from '../errors'
import { markdownSpan } from '../show/for-markdown'
import { planSections } from './plan-markdown'
import type { PlanView } from './plan-view'
import { listSection } from './summary-section'

/** What the comment on a pull request says of a plan: sections, what a reviewer must know first. Pure. */
export function planComment(view: PlanView): readonly string[] {
  return [`## 📋 Maintenance plan of ${markdownSpan(view.file)}`, ...planSections(view)]
}

/** What it says where the file is refused: nothing would run. Pure. */
export function refusalComment(file: string, error: ConfigError): readonly string[] {
  const problems = error.problems.map((problem) => `- ${markdownSpan(describeProblem(problem), 500)}`)
  return [
    `## ⛔ ${markdownSpan(file)} is refused`,
    'Nothing would run with this file or these inputs. Each problem of the file is an annotation at its line too.',
    listSection('Problems', problems, 50),
  ]
}
