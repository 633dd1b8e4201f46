import { type Sh, sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { decimal, fraction, linesOf } from './text'

export interface Load {
  /** Averages over 1, 5 and 15 minutes of processes that run or wait for a disk. */
  readonly one: number
  readonly five: number
  readonly fifteen: number
  /** Processors that are on line. */
  readonly cores: number
}

/** Two lines: the averages, and the processors as ranges (`0-3,8`). */
export const readLoad: Sh = sh`IFS= read -r load </proc/loadavg && IFS= read -r cores </sys/devices/system/cpu/online && printf '%s\\n%s\\n' "$load" "$cores"`

/** Source: proc_loadavg(5). */
export const load: Fact<Load> = { id: 'load', sh: readLoad, cap: 4_096, parse: onSuccess(parseLoad) }

export function parseLoad(out: string): Result<Load> {
  const [averages, online] = linesOf(out)
  const [one, five, fifteen] = (averages ?? '').split(' ').map((word) => fraction(word))
  const cores = countCores(online ?? '')
  if (one === undefined || five === undefined || fifteen === undefined)
    return unknown('/proc/loadavg is in an unknown form')
  return cores > 0 ? ok({ one, five, fifteen, cores }) : unknown('the number of processors is not known')
}

function countCores(ranges: string): number {
  let count = 0
  for (const range of ranges.trim().split(',')) {
    const [first, last = first] = range.split('-').map((word) => decimal(word))
    if (first === undefined || last === undefined || last < first) return 0
    count += last - first + 1
  }
  return count
}
