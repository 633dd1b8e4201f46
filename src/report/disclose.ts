import type { RunReason } from '../journal/event'

/** How much outsiders may read: all of it, only how many of what, or only the verdict (H11). */
export type Disclosure = 'full' | 'counts' | 'none'

/** Whether the sentence of a run may be read by everybody: where it has a reason it is all ours; without, it may quote a host. */
export function isOpenReason(reason: RunReason): boolean {
  return reason !== 'none'
}

/** Who can read what a run shows. `unknown` is treated as public: a guess must not open a list of missing updates. */
export type Audience = 'public' | 'private' | 'unknown' | 'terminal'

/** How much each reader of a run may see. */
export interface Disclosures {
  /** Log, annotations, summary, and the comment on a pull request: whoever can read the repository reads them. */
  readonly run: Disclosure
  /** The status page: read by others even where the repository is private. */
  readonly page: Disclosure
  /** Notices: they go to channels of one's own. */
  readonly notices: Disclosure
}

/** What the maintenance file says, with `auto` settled by who can read it. The one place where that is decided. Pure. */
export function decideDisclosure(setting: Disclosure | 'auto', audience: Audience): Disclosures {
  if (setting !== 'auto') return { run: setting, page: setting, notices: setting }
  const isOurs = audience === 'private' || audience === 'terminal'
  return { run: isOurs ? 'full' : 'counts', page: 'counts', notices: 'full' }
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
