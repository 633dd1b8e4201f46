import { withoutTrailing } from '../facts/trim'
import { withoutControls } from './for-log'

/** Longest host text inside one line of markdown, in characters. */
const LONGEST_SPAN = 300

/** Host text inside a line of markdown: a code span longer than any run of backticks in it (H41). Never empty. */
export function markdownSpan(text: string, longest: number = LONGEST_SPAN): string {
  // A pipe ends a table cell even inside code, and no escape for it survives a backslash before it.
  const line = cut(withoutControls(text).replace(/\s+/g, ' ').trim().replaceAll('|', '¦'), longest)
  if (line === '') return '` `'
  const fence = '`'.repeat(longestRun(line) + 1)
  return `${fence}${line.startsWith('`') || line.endsWith('`') ? ` ${line} ` : line}${fence}`
}

/** Host text of several lines: a fenced block longer than any run of backticks in it (H41). */
export function markdownBlock(text: string, longest: number, language: 'text' | 'diff' = 'text'): string {
  const clean = cut(withoutTrailing(withoutControls(text), '\n'), longest)
  const fence = '`'.repeat(Math.max(3, longestRun(clean) + 1))
  return `${fence}${language}\n${clean}\n${fence}`
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
}

function cut(text: string, longest: number): string {
  const characters = [...text]
  return characters.length <= longest ? text : `${characters.slice(0, longest).join('')}…`
}
