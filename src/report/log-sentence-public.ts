import type { Event } from '../journal/event'
import { counted } from '../show/duration'
import type { Observation } from '../stages/stage'
import type { Disclosure } from './disclose'
import { isOpenReason } from './disclose'
import { lookedAt } from './log/looked-at'
import { logSentence } from './log-sentence'

/**
 * What the live log says where outsiders read it (H11): stages, verdicts and counts. No word of a host, no title, path,
 * package or check; the journal has them all. null: nothing.
 */
export function publicLogSentence(event: Event, disclose: Exclude<Disclosure, 'full'>): string | null {
  switch (event.type) {
    // What the repository says itself, and what is ours.
    case 'run.begun':
    case 'told':
      return logSentence(event)
    case 'run.ended':
      return `${event.verdict}${event.reason === 'none' ? '' : ` (${event.reason})`}${openSentence(event)}`
    default:
      return disclose === 'none' ? null : countSentence(event)
  }
}

function openSentence({ open, reason, sentence }: Event & { type: 'run.ended' }): string {
  const said = open ?? (isOpenReason(reason) ? sentence : null)
  return said === null ? '' : `: ${said}`
}

function countSentence(event: Event): string | null {
  switch (event.type) {
    case 'wave.begun':
    case 'wave.ended':
    case 'connected':
    case 'lease.taken':
    case 'lease.released':
    case 'lease.lost':
    case 'admitted':
    case 'stage.begun':
    case 'traffic':
    case 'reboot.ordered':
      return logSentence(event)
    case 'stage.ended':
      return `${event.stage}: ${event.outcome}`
    case 'step.ended':
      return event.outcome === 'failed' || event.outcome === 'interrupted'
        ? `${event.stage}: a step: ${event.outcome}, exit code ${event.exitCode ?? 'unknown'}`
        : null
    case 'host.ended':
      return event.verdict
    case 'warning':
      return 'a warning, in the journal'
    case 'settled':
      return 'an earlier run was settled, as the journal tells'
    case 'connection.lost':
      return 'connection lost'
    case 'round':
      return `${event.stage}: checks, round ${event.number}: ${event.failing.length === 0 ? lookedAt(event.of) : `${event.failing.length} not yet`}`
    case 'gate':
      return `gate ${event.open ? 'open' : 'shut'}`
    case 'reboot.done':
      return 'rebooted'
    case 'observed':
      return observedCount(event.what)
    default:
      return null
  }
}

function observedCount(what: Observation): string | null {
  switch (what.kind) {
    case 'finding':
      return what.severity === 'info' ? null : `a finding (${what.severity})`
    case 'packages':
      return `${counted(what.changes.length, 'package')} changed`
    case 'pending':
      return `${counted(what.changes.length, 'upgrade')} pending`
    case 'backup':
      return `a backup: ${what.proved ? 'proved' : 'not proved'}`
    case 'reboot':
      return `reboot needed: ${what.needed}`
    case 'check':
      return what.check.outcome === 'pass' || what.check.outcome === 'skipped' ? null : `a check: ${what.check.outcome}`
  }
}
