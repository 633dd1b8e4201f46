import type { Event } from '../journal/event'
import { counted, spokenDuration } from '../show/duration'
import type { Observation } from '../stages/stage'
import { lookedAt } from './log/looked-at'

/** What the live log says about an event; null: nothing. May hold host text: it is printed through forLog only. */
export function logSentence(event: Event): string | null {
  switch (event.type) {
    case 'run.begun':
      return `${event.about.name} (${event.about.file}), mode ${event.about.mode}, ${counted(event.hosts.length, 'host')}, run ${event.about.id}`
    case 'run.ended':
      return `${event.verdict}${event.reason === 'none' ? '' : ` (${event.reason})`}: ${event.sentence}`
    case 'wave.begun':
      return `group ${event.group}, wave ${event.wave}${event.wave === 0 ? ' (canary)' : ''}: ${event.hosts.join(', ')}`
    case 'wave.ended':
      return `group ${event.group}, wave ${event.wave}: ended`
    case 'warning':
    case 'settled':
      return `${event.type}: ${event.sentence}`
    case 'told':
      return event.ok
        ? `told ${event.who}`
        : `warning: announcing to ${event.who} failed: ${event.why ?? 'no reason given'}`
    case 'host.ended':
      return `${event.verdict}: ${event.reason}`
    case 'stage.begun':
      return `${event.stage}: begins`
    case 'stage.ended':
      return `${event.stage}: ${event.outcome}${event.reason === null ? '' : `: ${event.reason}`}`
    case 'step.begun':
      return `${event.stage}: ${event.title}`
    case 'step.ended':
      return `${event.stage}: ${event.title}: ${event.outcome}${exitOf(event)} (${spokenDuration(event.durationMs)})`
    case 'observed':
      return observedSentence(event.what)
    default:
      return connectionSentence(event)
  }
}

function connectionSentence(event: Event): string | null {
  switch (event.type) {
    case 'connected':
      return `${event.reconnect ? 'connected again' : 'connected'} with ${event.rights === 'root' ? 'root rights' : 'no root rights'}`
    case 'connection.lost':
      return `connection lost: ${event.why}`
    case 'lease.taken':
      return `lease taken, token ${event.token}`
    case 'lease.released':
      return 'lease released'
    case 'lease.lost':
      return 'lease lost: another run holds this machine now'
    case 'admitted':
      return 'admitted: disruptive work may begin'
    case 'round':
      return `${event.stage}: checks, round ${event.number}: ${event.failing.length === 0 ? lookedAt(event.of) : `not yet: ${event.failing.slice(0, 5).join(', ')}`}`
    case 'gate':
      return `gate ${event.open ? 'open' : 'shut'}: ${event.reason}`
    case 'traffic':
      return `traffic ${event.act === 'read' ? 'reads as' : `${event.act}, reads as`} ${event.state}`
    case 'reboot.ordered':
      return 'reboot ordered'
    case 'reboot.done':
      return `rebooted: boot id ${event.bootIdBefore} is now ${event.bootIdAfter}`
    default:
      return null
  }
}

function exitOf(event: Extract<Event, { type: 'step.ended' }>): string {
  if (event.outcome !== 'failed' && event.outcome !== 'interrupted') return ''
  return event.exitCode === null ? ', exit code unknown' : `, exit code ${event.exitCode}`
}

function observedSentence(what: Observation): string | null {
  switch (what.kind) {
    case 'finding':
      return `finding (${what.severity}${what.since === undefined ? '' : `, since ${what.since.slice(0, 10)}`}): ${what.what}. ${what.advice}`
    case 'packages':
      return `${counted(what.changes.length, 'package')} changed`
    case 'pending':
      return `${counted(what.changes.length, 'upgrade')} pending`
    case 'backup':
      return `backup ${what.id}: ${what.proved ? 'proved' : 'not proved'}`
    case 'reboot':
      return `reboot needed: ${what.needed}${what.why === '' ? '' : ` (${what.why})`}`
    case 'check': {
      const { id, outcome, expected, actual } = what.check
      // Dozens pass on every host: the rounds and the gate count them.
      return outcome === 'pass' || outcome === 'skipped'
        ? null
        : `check ${id}: ${outcome}, expected ${expected}, got ${actual}`
    }
  }
}
