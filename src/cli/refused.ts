import { HostKeyError, LockHeldError, LoginRefused } from '../errors'

/** Refused by lease or key: exit 3, of every command. */
export function isRefused(error: unknown): boolean {
  return error instanceof LockHeldError || error instanceof LoginRefused || error instanceof HostKeyError
}
