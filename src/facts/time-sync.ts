import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'

export interface TimeSync {
  readonly synced: 'yes' | 'no' | 'unknown'
  /** Who says so: `chrony`, `timesyncd`, `ntpd`; `none` where no such service runs. */
  readonly by: 'chrony' | 'timesyncd' | 'ntpd' | 'none'
}

/**
 * Whether a time service holds the clock. `timedatectl` is not asked: it would start a service of its own.
 * Source: chronyc(1), systemd-timesyncd.service(8), ntpq(8).
 */
export const timeSync: Fact<TimeSync> = {
  id: 'time-sync',
  sh: sh`if command -v chronyc >/dev/null && track=$(chronyc -n -c tracking); then printf 'chrony %s\\n' "\${track##*,}"; exit 0; fi
if [ -e /run/systemd/timesync/synchronized ]; then echo 'timesyncd yes'; exit 0; fi
if [ -d /run/systemd/timesync ]; then echo 'timesyncd no'; exit 0; fi
if command -v ntpq >/dev/null && leap=$(ntpq -n -c 'rv 0 leap'); then printf 'ntpd %s\\n' "$leap"; exit 0; fi
echo none`,
  cap: 4_096,
  parse: onSuccess(parse),
}

function parse(out: string): Result<TimeSync> {
  const [by, ...rest] = out.trim().split(/\s+/)
  const said = rest.join(' ')
  if (by === 'chrony') return ok({ by, synced: said.startsWith('Not') ? 'no' : said === '' ? 'unknown' : 'yes' })
  if (by === 'timesyncd') return ok({ by, synced: said === 'yes' ? 'yes' : 'no' })
  if (by === 'ntpd') {
    const leap = /leap=(\d\d)/.exec(said)?.[1]
    return ok({ by, synced: leap === undefined ? 'unknown' : leap === '11' ? 'no' : 'yes' })
  }
  return by === 'none' ? ok({ by, synced: 'unknown' }) : unknown('the answer is in an unknown form')
}
