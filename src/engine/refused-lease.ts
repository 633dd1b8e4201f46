import type { LeaseAnswer } from '../host/lease'
import type { Machine } from '../host/machine'
import { releaseCommand } from '../show/own-command'
import { ended, type HostEnd } from './host-end'
import { describeLease } from './lease-sentence'

/**
 * What a lease that was not had means for the host. A living program may have taken it out of service, and nobody knows what
 * a forged record hides: held. Anything else leaves it as it is.
 */
export function refusedLease(answer: Exclude<LeaseAnswer, { t: 'taken' }>, machine: Machine): HostEnd {
  const why = describeLease(answer, machine.stateDir)
  if (answer.t === 'held')
    return { ...ended('untouched', why, { name: 'lease', value: answer.run, line: null }), isOut: true }
  if (answer.t === 'alive') return ended('held', why, { name: 'lease', value: answer.dir, line: null })
  if (answer.t === 'forged') return ended('held', why, { name: 'lease', value: 'forged', line: null })
  return ended('untouched', why, {
    name: 'state_dir',
    value: answer.t === 'unsafe' ? answer.path : machine.stateDir,
    line: null,
  })
}

/** The lease was had, but what the host remembers cannot be trusted. */
export function unreadableState(host: string, machine: Machine): HostEnd {
  return ended(
    'held',
    `the state of the host (${machine.stateDir}/state) cannot be read: it is torn, forged, gone, or of another version of Pitstop. Look at it, then run \`${releaseCommand(host)}\``,
  )
}
