import type { Event } from '../../journal/event'
import type { Observation } from '../../stages/stage'

/**
 * Whether the short log tells this event at all: what ended, what is not as it should be, and verdicts. What begins, what
 * goes as it should and what another line says anyway is in the journal, and in the log where everything is asked for.
 */
export function isBrief(event: Event): boolean {
  switch (event.type) {
    case 'connected':
      return event.reconnect || event.rights !== 'root'
    case 'lease.taken':
    case 'lease.released':
    case 'admitted':
    case 'stage.begun':
    case 'step.begun':
    case 'wave.ended':
    case 'reboot.ordered':
    case 'reboot.done':
      return false
    case 'stage.ended':
      return event.outcome !== 'done' && event.outcome !== 'unchanged'
    case 'step.ended':
      return event.outcome !== 'skipped'
    case 'traffic':
      return event.state !== EXPECTED[event.act]
    case 'observed':
      return isNews(event.what)
    default:
      return true
  }
}

/** The steps that drain and bring back say the rest. */
const EXPECTED = { drained: 'out', undrained: 'in', read: 'in' } as const

function isNews(what: Observation): boolean {
  switch (what.kind) {
    case 'finding':
      return what.severity === 'block' || (what.severity === 'warn' && what.since === undefined)
    case 'backup':
      return !what.proved
    case 'reboot':
      return what.needed === 'unknown'
    case 'packages':
    case 'pending':
      return false
    case 'check':
      return what.check.outcome !== 'pass' && what.check.outcome !== 'skipped'
  }
}
