import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import type { HeldUnit } from './hold'

/** A hold of ours that is on the host: of this run, or left by one that did not end. */
export interface Leftover extends HeldUnit {
  /** The declared service it stands for, or `actors`. */
  readonly group: string
  /** `starting`: the unit may run again already, but nobody has seen it running. */
  readonly phase: 'held' | 'starting'
}

/** What of ours is on the host: drop-ins that keep services and other actors from starting. Empty on a host at rest. */
export const hostLeftovers: Fact<readonly Leftover[]> = {
  id: 'host-leftovers',
  sh: sh`for f in /etc/systemd/system/*.d/90-pitstop*.conf; do
  [ -e "$f" ] || continue
  w=; while IFS= read -r l; do case $l in '# pitstop '*) w=\${l#'# pitstop '} ;; esac; done <"$f"
  printf '%s %s\\n' "$f" "$w"
done`,
  cap: 65_536,
  parse: onSuccess(parse),
}

const LINE =
  /^\/etc\/systemd\/system\/([A-Za-z0-9:_.\\@-]{1,255})\.d\/90-pitstop(-starting)?\.conf (active|inactive) ([A-Za-z0-9:_.\\@-]{1,255})$/

function parse(out: string): Result<readonly Leftover[]> {
  const found: Leftover[] = []
  for (const line of out.split('\n').filter((text) => text !== '')) {
    const [, unit, starting, was, group] = LINE.exec(line) ?? []
    if (unit === undefined || group === undefined) return unknown('a drop-in 90-pitstop.conf is not in a form of ours')
    found.push({ unit, was: was === 'active' ? 'active' : 'inactive', group, phase: starting ? 'starting' : 'held' })
  }
  return ok(found)
}
