import { readFileSync } from 'node:fs'

/** What the runner says about the event; null: there is nothing that can be read. Whoever looks into it trusts no part of it. */
export function eventPayload(env: NodeJS.ProcessEnv): unknown {
  const path = env.GITHUB_EVENT_PATH
  if (!path) return null
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}
