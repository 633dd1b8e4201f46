import { withoutControls } from './for-log'
import type { Redactor } from './redact'
import { redactedText } from './redact-values'

let known: Pick<Redactor, 'text' | 'holds'> | null = null

/** What must not be seen in the last words of this process either: called once its secrets are known. */
export function hideInErrors(redactor: Pick<Redactor, 'text' | 'holds'>): void {
  known = redactor
}

/**
 * An error as the log may show it, whoever caught it and wherever: masked, without controls, masked. Text of hosts and
 * services gets into errors on many ways.
 */
export function shownError(text: string): string {
  return withoutControls(known === null ? text : redactedText(text, known))
}
