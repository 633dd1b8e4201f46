/** Why an attempt to connect failed, as far as the next attempt depends on it. */
export type AttemptFailure =
  /** Nobody listens, or the network says so at once. */
  | 'refused'
  /** Cut after the server had introduced itself, or reset. */
  | 'dropped'
  /** Cut before: MaxStartups, or the penalties of sshd 9.8 and later, which last at least 15 s (H37). */
  | 'lost-before-handshake'
  | 'timeout'
  /** A refused key or login, a name that does not resolve, no common algorithm: trying again changes nothing. */
  | 'final'

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number
  /** Pause after each of the first ten failures. */
  readonly pauseMs: number
  /** The pause grows up to this after the tenth. */
  readonly longestPauseMs: number
  readonly lostBeforeHandshakeMs: number
}

export const RETRY: RetryPolicy = { attempts: 4, pauseMs: 1_000, longestPauseMs: 12_000, lostBeforeHandshakeMs: 20_000 }

/**
 * Milliseconds to wait before the next try, or null when there is none. Pure.
 * @param failed tries made so far, at least 1
 * @param random in [0, 1): spreads hosts that were dropped together
 */
export function pauseBeforeRetry(
  policy: RetryPolicy,
  why: AttemptFailure,
  failed: number,
  random: number,
): number | null {
  if (why === 'final' || failed >= policy.attempts) return null
  if (why === 'lost-before-handshake') return Math.round(policy.lostBeforeHandshakeMs * (1 + random / 4))
  const grown = policy.pauseMs * 1.25 ** Math.max(0, failed - 10)
  return Math.round(Math.min(policy.longestPauseMs, grown) * (0.75 + random / 2))
}
