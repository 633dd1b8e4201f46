const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'] as const

/**
 * The environment of every child process on the runner: an allow list, never the runner's own (H3: it holds inputs and
 * tokens; H8: the runner kills at job end whatever carries its tracking variable, detached or not).
 */
export function childEnv(
  source: NodeJS.ProcessEnv,
  added: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const name of INHERITED) {
    const value = source[name]
    if (value !== undefined) env[name] = value
  }
  env.PATH ??= '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  return { ...env, ...added }
}
