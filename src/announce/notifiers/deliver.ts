import { type Clock, pause } from '../../engine/clock'
import type { HttpPost, PostEnd, PostRequest } from './https-post'

/** null: delivered. Otherwise one sentence of ours; nothing of the answer or the address is in it. */
export type Delivered = string | null

export interface Delivery {
  /** Made anew for each try: a signature holds the time of its own try. */
  readonly request: () => Omit<PostRequest, 'signal'>
  readonly isDelivered: (end: PostEnd & { readonly kind: 'answered' }) => boolean
  /** The receiver drops what it has seen: what may have arrived can be sent again. */
  readonly isIdempotent: boolean
}

const MOST_TRIES = 3
const LONGEST_WAIT_MS = 30_000
const MAY_PASS: readonly number[] = [408, 425, 429, 500, 502, 503, 504]

/** Sends until it is delivered, refused for good, or tried three times. Waits as long as it is asked to, at most 30 s. */
export async function deliver(
  delivery: Delivery,
  post: HttpPost,
  clock: Clock,
  signal: AbortSignal,
): Promise<Delivered> {
  for (let tries = 1; ; tries++) {
    const end = await post({ ...delivery.request(), signal })
    if (end.kind === 'answered' && delivery.isDelivered(end)) return null
    const waitMs = waitBeforeRetry(end, tries, delivery.isIdempotent, clock.now())
    if (waitMs === null || tries >= MOST_TRIES || signal.aborted) return describe(end)
    await pause(clock, waitMs, signal)
  }
}

/** null: trying again would change nothing, or could tell people twice. */
function waitBeforeRetry(end: PostEnd, tries: number, isIdempotent: boolean, now: Date): number | null {
  const pauseMs = 1_000 * 2 ** (tries - 1)
  if (end.kind === 'refused' || (end.kind === 'unknown' && !isIdempotent)) return null
  if (end.kind !== 'answered') return pauseMs
  if (!MAY_PASS.includes(end.status)) return null
  const askedMs = retryAfterMs(end.retryAfter, now)
  return askedMs > LONGEST_WAIT_MS ? null : Math.max(pauseMs, askedMs)
}

/** Seconds, or a date (RFC 9110). */
function retryAfterMs(text: string | null, now: Date): number {
  if (text === null) return 0
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime()
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

function describe(end: PostEnd): string {
  if (end.kind === 'refused') return end.why
  if (end.kind === 'unsent') return 'it could not be reached'
  if (end.kind === 'unknown') return 'it did not answer in time; the notice may have arrived'
  if (end.status >= 300 && end.status < 400) return `it answered ${end.status}: redirects are not followed`
  return `it answered ${end.status}`
}
