import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { linesOf } from './text'

/** One-shot services that run at this moment: the host's own jobs, which maintenance should not cut into (H39). */
export const runningJobs: Fact<readonly string[]> = {
  id: 'running-jobs',
  sh: sh`[ -d /run/systemd/system ] || exit 127
systemctl list-units --type=service --state=activating --plain --no-legend --no-pager --full`,
  cap: 262_144,
  parse: onSuccess((out) => {
    // LOAD ACTIVE SUB: only `start` is a job at work; `auto-restart` is a service that crashed.
    const rows = linesOf(out).map((line) => line.trim().split(/\s+/))
    return ok(rows.flatMap(([id, , , sub]) => (id !== undefined && sub?.startsWith('start') ? [id.slice(0, 255)] : [])))
  }),
}
