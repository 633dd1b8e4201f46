import { unseenByGit } from '../host/etc/unseen-by-git'
import { lines, type Sh, sh } from '../shell/sh'
import { namedUnit, type ServiceUnit } from './service-units'

/** A unit that is kept from starting, and what it was before. */
export interface HeldUnit {
  readonly unit: string
  readonly was: 'active' | 'inactive'
}

/** The name of the group of holds that are not for a service of the file. */
export const ACTOR_GROUP = 'actors'

const isUp = (unit: ServiceUnit) => ['active', 'reloading', 'activating'].includes(unit.active)
const HOLDABLE = /\.(service|socket|timer|path)$/

/** A unit as it stands. */
export function heldAs(unit: ServiceUnit): HeldUnit {
  return { unit: unit.id, was: isUp(unit) ? 'active' : 'inactive' }
}

/**
 * Everything that has to be held so that `service` stays down: its sockets, timers and paths first, itself, and the units
 * that systemd stops together with it (they would not come back by themselves). Services with a turn of their own
 * (`others`) are left to it.
 */
export function holdsOf(
  service: ServiceUnit,
  all: readonly ServiceUnit[],
  others: readonly string[],
): readonly HeldUnit[] {
  const triggers = new Map<string, HeldUnit>()
  const services = new Map<string, HeldUnit>()
  const visit = (unit: ServiceUnit) => {
    if (services.has(unit.id) || triggers.has(unit.id)) return
    const target = unit.id.endsWith('.service') ? services : triggers
    target.set(unit.id, heldAs(unit))
    const near = [...unit.triggeredBy, ...unit.stoppedWith].map((name) => namedUnit(all, name))
    for (const other of near) {
      if (other === undefined || !HOLDABLE.test(other.id) || others.includes(other.id)) continue
      // A companion that is down needs no coming back; a trigger is held even so, as a package script may start it.
      if (unit.triggeredBy.some((name) => namedUnit(all, name) === other) || isUp(other)) visit(other)
    }
  }
  visit(service)
  return [...triggers.values(), ...services.values()]
}

/**
 * The functions every script of this folder begins with. A hold is a drop-in that names itself in its condition: the unit
 * cannot be started while the file is there, by a package script, a socket or a reboot, and can be as soon as it is gone.
 * `let_go` renames it first, so that a crash before the unit runs again still shows what is owed to it.
 * A start that a condition prevents ends with exit code 0 (systemctl(1)), so only the state read back counts.
 */
const FUNCTIONS = sh`hold() {
  ${unseenByGit}
  f=/etc/systemd/system/$1.d/90-pitstop.conf; g=/etc/systemd/system/$1.d/90-pitstop-starting.conf
  [ ! -s "$f" ] || return 0
  if [ -s "$g" ]; then mv -f "$g" "$f"; return; fi
  ( umask 022 && mkdir -p "\${f%/*}" && printf '# Made by Pitstop: held until the host is verified. Without this file the unit starts again.\\n# pitstop %s %s\\n[Unit]\\nConditionPathExists=!%s\\n' "$2" "$3" "$f" >"$f.new" && { sync "$f.new" 2>/dev/null || sync; } && mv -f "$f.new" "$f" )
}
held() {
  for u; do
    case " $(systemctl show -p DropInPaths --value -- "$u") " in *" /etc/systemd/system/$u.d/90-pitstop.conf "*) ;; *) echo "$u is not held: systemd does not read its drop-in" >&2; return 1 ;; esac
  done
}
stopped() {
  for u; do
    s=$(systemctl show -p ActiveState --value -- "$u") || return 1
    case $s in inactive | failed) ;; *) echo "$u is still $s" >&2; return 1 ;; esac
  done
}
stop_within() {
  n=$1; shift
  if command -v timeout >/dev/null; then timeout "$n" systemctl stop -- "$@"; else systemctl stop -- "$@"; fi
  rc=$?; case $rc in 124 | 143) echo "$* not down after $n s" >&2 ;; esac
  return "$rc"
}
let_go() {
  for u; do
    f=/etc/systemd/system/$u.d/90-pitstop.conf
    [ ! -e "$f" ] || mv -f "$f" "\${f%.conf}-starting.conf" || return 1
  done
}
forget() {
  for u; do
    d=/etc/systemd/system/$u.d
    rm -f "$d/90-pitstop.conf" "$d/90-pitstop.conf.new" "$d/90-pitstop-starting.conf" || return 1
    rmdir "$d" 2>/dev/null || :
  done
}
now() { read -r t _ </proc/uptime; echo $((\${t%%.*} * 100 + 1\${t#*.} - 100)); }
within() { limit=$1; end=$(($(now) + limit * 100)); }
start() {
  left=$((end - $(now))); [ "$left" -gt 0 ] || return 0
  if command -v timeout >/dev/null; then timeout $(((left + 99) / 100)) systemctl start -- "$@"; else systemctl start -- "$@"; fi
  return 0
}
running() {
  for u; do
    while :; do
      s=$(systemctl show -p ActiveState --value -- "$u") || return 1
      case $s in active) break ;; activating | reloading) ;; *) echo "$u is $s, not active" >&2; return 1 ;; esac
      [ $((end - $(now))) -gt 0 ] || { echo "$u is still $s after $limit s" >&2; return 1; }
      sleep 1
    done
  done
}`

const isTrigger = (held: HeldUnit) => !held.unit.endsWith('.service')
const named = (held: readonly HeldUnit[]) => held.map((one) => one.unit)

/**
 * Holds the units and stops them, triggers first, and reads back that they are down. Idempotent.
 * @param stopMs how long the services may take to go down; what is done around that has the rest of the step's time
 */
export function holdAndStop(group: string, held: readonly HeldUnit[], stopMs: number): Sh {
  const triggers = named(held.filter(isTrigger))
  const services = named(held.filter((one) => !isTrigger(one)))
  return lines(
    FUNCTIONS,
    ...held.map((one) => sh`hold ${one.unit} ${one.was} ${group} || exit 1`),
    sh`systemctl daemon-reload && held ${named(held)} || exit 1`,
    // A socket that outlives its service would start it again and again, and fail.
    ...(triggers.length > 0 ? [sh`systemctl stop -- ${triggers} || exit 1`] : []),
    ...(services.length > 0 ? [sh`stop_within ${Math.ceil(stopMs / 1000)} ${services} || exit 1`] : []),
    sh`stopped ${named(held)}`,
  )
}

/**
 * Takes the holds away and starts `start`, in that order of systemd's own; ends well only if each of them is active.
 * @param startMs how long they may take to come up, all together; what is done around that has the rest of the step's time
 * @param reload `later`: that the holds are gone systemd is told by `reloadBehind`, once users are back
 */
export function releaseAndStart(
  held: readonly HeldUnit[],
  start: readonly string[],
  startMs: number,
  reload: 'now' | 'later' = 'now',
): Sh {
  const all = [...new Set([...named(held), ...start])]
  const begin = start.length > 0 ? [...startInTurn(start, startMs), sh`running ${start} || exit 1`] : []
  return lines(
    FUNCTIONS,
    // The condition of a hold is looked at when its unit starts: users wait for systemd to read files only where a unit
    // was changed meanwhile, by an upgrade or a person.
    sh`changed=$(systemctl show -p NeedDaemonReload --value -- ${all}) || changed=yes`,
    sh`let_go ${all} || exit 1; case $changed in *yes*) systemctl daemon-reload || exit 1 ;; esac`,
    ...begin,
    reload === 'now' ? sh`forget ${all} && systemctl daemon-reload` : sh`forget ${all}`,
  )
}

/**
 * Lets systemd forget holds whose files are gone. Until then it shows them, and they hold nothing: their condition looks
 * for the file. To read all its files takes systemd a fifth of a second and more, for which nobody waits.
 */
export const reloadBehind = sh`{ systemctl daemon-reload & } </dev/null >/dev/null 2>&1`

/**
 * Triggers before services: systemd refuses to open a socket whose service runs already, so a service that came up first
 * (in an attempt that was cut) is stopped once more. Exit codes of starts tell little: one may fail and come up by
 * Restart=, or succeed and be no start at all.
 */
function startInTurn(start: readonly string[], startMs: number): readonly Sh[] {
  const triggers = start.filter((unit) => !unit.endsWith('.service'))
  const services = start.filter((unit) => unit.endsWith('.service'))
  const free = sh`for u in ${triggers}; do systemctl is-active --quiet -- "$u" || { systemctl stop -- ${services}; break; }; done`
  return [
    sh`systemctl reset-failed -- ${start} 2>/dev/null`,
    ...(triggers.length > 0 && services.length > 0 ? [free] : []),
    sh`within ${Math.ceil(startMs / 1000)}`,
    ...[triggers, services].filter((units) => units.length > 0).map((units) => sh`start ${units}`),
  ]
}

/** The units of a group that have to run again: those that ran; a service that nothing of its group stood for, itself. */
export function toStart(group: string, held: readonly HeldUnit[]): readonly string[] {
  const ran = held.filter((one) => one.was === 'active').map((one) => one.unit)
  return ran.length > 0 || group === ACTOR_GROUP ? ran : [group]
}
