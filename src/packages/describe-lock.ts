import type { Result } from '../facts/fact'
import type { LockHolder } from './package-manager'

/** Who keeps the package manager from working; undefined: nobody, or it is not known and its own lock will tell. */
export function describeLock(lock: Result<readonly LockHolder[]>): string | undefined {
  const holder = lock.ok ? lock.value[0] : undefined
  if (holder === undefined) return undefined
  const who = holder.pid > 0 ? `${holder.program || 'a program'} (pid ${holder.pid})` : 'a program'
  return `${who} holds ${holder.lock}`
}
