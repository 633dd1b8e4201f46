import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { linesOf } from './text'

export interface Login {
  readonly user: string
  /** `pts/0`, `tty1` */
  readonly line: string
}

/** People with a terminal on the host now. Source: who(1). */
export const loggedIn: Fact<readonly Login[]> = {
  id: 'logged-in',
  sh: sh`who`,
  cap: 65_536,
  parse: onSuccess((out) =>
    ok(
      linesOf(out).flatMap((row) => {
        const [user, line] = row.trim().split(/\s+/)
        return user && line && line !== 'system' ? [{ user: user.slice(0, 64), line: line.slice(0, 64) }] : []
      }),
    ),
  ),
}
