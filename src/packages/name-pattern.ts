/** Whether a package name matches one of the patterns (`*`, `?`); the architecture behind `:` does not count. */
export function matchesName(patterns: readonly string[], name: string): boolean {
  const bare = name.replace(/:.*/, '')
  return patterns.some((pattern) => toRegExp(pattern).test(name) || toRegExp(pattern).test(bare))
}

function toRegExp(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${text}$`)
}
