import { ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import type { Reading } from './package-manager'

/** apt keeps the time of the mirror on its lists; the folder `partial` changes with every refresh. */
export const aptListsAge: Reading<number | null> = {
  sh: sh`date +%s && { stat -c %Y /var/lib/apt/lists/partial 2>/dev/null || echo -; } && ls /var/lib/apt/lists | grep -c _Packages; exit 0`,
  parse: parseListsAge,
}

function parseListsAge(out: string, rc: number): Result<number | null> {
  const [now = '', then = '', lists = ''] = out.split('\n')
  if (rc !== 0 || !/^\d+$/.test(now)) return unknown('the age of the package lists could not be read')
  if (then === '-' || lists === '0') return ok(null)
  if (!/^\d+$/.test(then)) return unknown('the age of the package lists could not be read')
  return ok(Math.max(0, Number(now) - Number(then)))
}
