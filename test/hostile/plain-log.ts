import { expect } from 'vitest'

/** What a terminal, the runner or a page would read as more than text. */
export const HOSTILE_TEXT =
  '\x1b[2J\x1b]0;owned\x07\r::error::owned\n##[error]owned\u202e</code><script>owned()</script>'

/** Nothing in the log that a terminal or the runner reads as more than text. */
export function requirePlainLog(log: string): void {
  expect(log).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/)
  expect(log).not.toMatch(/^\s*::/m)
  expect(log).not.toContain('##[error]')
}
