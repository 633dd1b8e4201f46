import type { LeaseAnswer } from '../host/lease'
import { releaseCommand } from '../show/own-command'

/** Why a lease was not taken, in one sentence. */
export function describeLease(answer: Exclude<LeaseAnswer, { t: 'taken' }>, stateDir: string): string {
  switch (answer.t) {
    case 'held':
      return `another run holds the lease: ${answer.run}${answer.url === null ? '' : ` (${answer.url})`}, renewed ${answer.ageS ?? '?'} s ago`
    case 'alive':
      return `still running, pid ${answer.pid ?? 'unknown'}: a program of an earlier run (${answer.dir}) has not ended`
    case 'forged':
      return `the lease of the host (${stateDir}/lease) cannot be true: it is torn, or says that it was renewed later than now or lasts for hours. Look at the host, then release it: \`${releaseCommand('HOST')}\``
    case 'unsafe':
      return `${answer.path} is not a folder of the login alone (a link, somebody else's, or writable by others): nothing is kept there. It is left as it is: Pitstop changes the mode of no folder that it did not make`
    case 'unwritable':
      return `${stateDir} cannot be written: the disk is full or read-only, or the user may not`
    case 'unknown':
      return 'no whole answer came when the lease was asked for'
  }
}
