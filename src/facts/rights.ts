import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'
import { decimal, linesOf } from './text'

export interface Rights {
  /** Numeric user id the questions run as; 0 is root. */
  readonly uid: number
  readonly hasSudo: boolean
}

/** As whom questions are answered. Whether sudo lets us in is found out by the connection, not here: each try is logged. */
export const rights: Fact<Rights> = {
  id: 'rights',
  sh: sh`id -u || exit 1
command -v sudo >/dev/null && echo sudo
exit 0`,
  cap: 256,
  parse: onSuccess((out) => {
    const [first, second] = linesOf(out)
    const uid = decimal(first)
    return uid === undefined ? unknown('id answered in an unknown form') : ok({ uid, hasSudo: second === 'sudo' })
  }),
}
