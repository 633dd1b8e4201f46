import type { RunReason } from '../journal/event'

/** How much outsiders may read: all of it, only how many of what, or only the verdict (H11). */
export type Disclosure = 'full' | 'counts' | 'none'

/** Whether the sentence of a run may be read by everybody: where it has a reason it is all ours; without, it may quote a host. */
export function isOpenReason(reason: RunReason): boolean {
  return reason !== 'none'
}

/** Who can read what a run shows. `unknown` is treated as public: a guess must not open a list of missing updates. */
export type Audience = 'public' | 'private' | 'unknown' | 'terminal'

/** What the maintenance file says, with `auto` settled by who can read it. Pure. */
export function disclosureOf(setting: Disclosure | 'auto', audience: Audience): Disclosure {
  if (setting !== 'auto') return setting
  return audience === 'private' || audience === 'terminal' ? 'full' : 'counts'
}

/**
 * The same for the live log. A server that does not say who reads its repositories is not github.com, which always does:
 * there the log stays whole, for it is all that somebody has while a run goes on. Pure.
 */
export function logDisclosureOf(setting: Disclosure | 'auto', audience: Audience): Disclosure {
  if (setting !== 'auto') return setting
  return audience === 'public' ? 'counts' : 'full'
}

/** Who can read the repository, from the payload of its event. Pure. */
export function audienceOf(payload: unknown): Audience {
  const repository = isRecord(payload) ? payload.repository : undefined
  if (!isRecord(repository)) return 'unknown'
  if (repository.visibility === 'public' || repository.private === false) return 'public'
  return repository.private === true ? 'private' : 'unknown'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
