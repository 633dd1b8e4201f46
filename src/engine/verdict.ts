import type { Mode, RunReason, RunVerdict } from '../journal/event'
import type { HostEnd } from './host-end'

export interface Ending {
  readonly verdict: RunVerdict
  readonly reason: RunReason
  readonly sentence: string
  /** What of the sentence everybody may read, where that is not all of it: no word of a host. */
  readonly open?: string
}

export type End = HostEnd & { readonly admitted: boolean }

/** The verdict of a run from those of its hosts (design, section 1). Hosts under `skip` are not among them. Pure. */
export function runVerdict(mode: Mode, ends: readonly End[]): Ending {
  const names = (verdict: string) => `${ends.filter((e) => e.verdict === verdict).length} ${verdict}`
  const told = ['live', 'rolled-back', 'held', 'untouched', 'unreachable']
    .map(names)
    .filter((t) => !t.startsWith('0 '))
    .join(', ')
  const make = (verdict: RunVerdict, reason: RunReason = 'none'): Ending => ({
    verdict,
    reason,
    sentence: told === '' ? 'no host was selected' : told,
  })
  const all = (test: (e: End) => boolean) => ends.length > 0 && ends.every(test)
  if (ends.some((e) => e.internal || (e.verdict === 'unreachable' && e.admitted))) return make('failed')
  if (mode === 'verify')
    return make(
      ends.every((e) => e.verdict === 'live') ? 'live' : 'failed',
      all((e) => e.key === true) ? 'key' : 'none',
    )
  if (ends.some((e) => e.verdict === 'held')) return make('held')
  if (ends.every((e) => e.verdict === 'live')) return make('live')
  if (mode === 'recover') return recovered(ends, all, make)
  const started = ends.some((e) => e.admitted || e.verdict === 'live')
  return started ? make('partial') : make('refused', refusal(all))
}

/** Nothing is left to do where each host is settled: brought back, put back, or with nothing to recover. */
function recovered(
  ends: readonly End[],
  all: (test: (e: End) => boolean) => boolean,
  make: (verdict: RunVerdict, reason?: RunReason) => Ending,
): Ending {
  if (all((e) => e.key === true)) return make('refused', 'key')
  return make(ends.every(isSettled) ? 'live' : 'partial')
}

/**
 * A rule is why nothing was done: another run holds the host, or the file does not allow it. Of one that nobody could look
 * at nobody knows what was left there.
 */
function isSettled({ verdict, rule, unseen }: End): boolean {
  return verdict === 'live' || verdict === 'rolled-back' || (verdict === 'untouched' && rule === null && !unseen)
}

const CALM_RULES: readonly string[] = ['already-done', 'window', 'window.cutoff']

/** Why nobody was admitted, where one reason met every host. */
function refusal(all: (test: (e: End) => boolean) => boolean): RunReason {
  if (all((e) => e.key === true)) return 'key'
  if (all((e) => e.rule?.name === 'lease')) return 'lease'
  if (all((e) => e.rule?.name === 'already-done')) return 'already-done'
  // Groups may have windows of their own: what is done and what is not due yet are both in order.
  return all((e) => CALM_RULES.includes(e.rule?.name ?? '')) ? 'too-early' : 'none'
}
