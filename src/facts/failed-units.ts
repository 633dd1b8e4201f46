import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { linesOf } from './text'

/** Names of units in state failed, of every kind. An OpenRC host answers with its crashed services. */
export const failedUnits: Fact<readonly string[]> = {
  id: 'failed-units',
  costMs: 12,
  sh: sh`if [ -d /run/systemd/system ]; then systemctl list-units --all --state=failed --plain --no-legend --no-pager --full; exit; fi
[ -d /run/openrc ] || exit 127
rc-status --nocolor --format ini --crashed`,
  cap: 262_144,
  parse: onSuccess((out) => {
    const first = linesOf(out).map((line) => line.trim().split(/\s+/)[0] ?? '')
    return ok([...new Set(first.filter((name) => /^[A-Za-z0-9:_.\\@-]{1,255}$/.test(name)))].sort())
  }),
}
