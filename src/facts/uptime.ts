import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'
import { decimal, fraction, linesOf } from './text'

export interface Uptime {
  /** Seconds since the kernel started; a container shows those of its machine. */
  readonly seconds: number
  /** Start of process 1 in clock ticks after the boot of the kernel; null where /proc hides it. */
  readonly pid1Start: number | null
}

/** Source: proc(5), /proc/uptime and field 22 of /proc/1/stat. */
export const uptime: Fact<Uptime> = {
  id: 'uptime',
  sh: sh`IFS= read -r up </proc/uptime || exit 1
printf '%s\\n' "$up"
IFS= read -r stat </proc/1/stat && printf '%s\\n' "$stat"
exit 0`,
  cap: 4_096,
  parse: onSuccess((out) => {
    const [up, stat] = linesOf(out)
    const seconds = fraction(up?.split(' ')[0])
    if (seconds === undefined) return unknown('/proc/uptime is in an unknown form')
    // The name of a process may hold blanks and brackets: count from behind the last one.
    const afterName = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    return ok({ seconds, pid1Start: decimal(afterName?.[19]) ?? null })
  }),
}
