import { userInfo } from 'node:os'

/** Who started this, for report and journal; null in a container whose user has no name. */
export function currentUser(): string | null {
  try {
    return userInfo().username
  } catch {
    return null
  }
}
