import { matchesGlob } from '../glob/glob'

/** Whether a package name matches one of the patterns (`*`, `?`); the architecture behind `:` does not count. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  const [bare = ''] = name.split(':', 1)
  return patterns.some((pattern) => [name, bare].some((one) => matchesGlob(pattern, one, { question: true })))
}
