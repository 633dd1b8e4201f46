import type { HostConfig } from '../config/schema'
import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { unitId } from '../facts/units'
import { sh } from '../shell/sh'

/** What has to be known of a unit to stop it and bring it back. Words as systemd prints them. */
export interface ServiceUnit {
  /** The canonical name: `mariadb.service`, also when it was asked for as `mysql`. */
  readonly id: string
  readonly names: readonly string[]
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error` */
  readonly load: string
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating` */
  readonly active: string
  /** `enabled`, `disabled`, `static` …; empty for a unit without a file. */
  readonly enabled: string
  /** `oneshot`, `simple` …; empty for units that are no service. */
  readonly type: string
  readonly remainsAfterExit: boolean
  /** Sockets, timers and paths that start it. */
  readonly triggeredBy: readonly string[]
  /** Units that stop when this one is stopped (PartOf=, Requires= and BindsTo= of the others). */
  readonly stoppedWith: readonly string[]
  readonly controlGroup: string
  /** TCP and UDP ports a socket unit listens on. */
  readonly listens: readonly number[]
}

/** Agents and timers that change packages or configuration by themselves, and so have to pause during maintenance. */
export const ACTORS: readonly string[] = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  // It waits for a shutdown, and may then install what the file excludes (Unattended-Upgrade::InstallOnShutdown).
  'unattended-upgrades.service',
  'dnf-automatic.timer',
  'dnf-automatic-download.timer',
  'dnf-automatic-install.timer',
  'dnf-automatic-notifyonly.timer',
  'dnf5-automatic.timer',
  'yum-cron.service',
  'puppet.service',
  'puppet-run.timer',
  'chef-client.service',
  'chef-client.timer',
  'cinc-client.service',
  'cinc-client.timer',
  'salt-minion.service',
  'cfengine3.service',
  'ansible-pull.timer',
]

/** Jobs of the host that change packages: waited for, never stopped (H39). */
export const JOBS: readonly string[] = [
  'apt-daily.service',
  'apt-daily-upgrade.service',
  'dnf-automatic.service',
  'dnf-automatic-install.service',
]

/** Asked for on every host: where it runs there may be somebody who asks the host to stay up. */
export const LOGIND = 'systemd-logind.service'

/** Where a unit that systemd knows has its file (systemd.unit(5), "Unit File Load Path"). */
const UNIT_FOLDERS: readonly string[] = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/run/systemd/generator.late',
]

const PROPERTIES =
  'Id,Names,LoadState,ActiveState,UnitFileState,Type,RemainAfterExit,TriggeredBy,ConsistsOf,RequiredBy,BoundBy,ControlGroup,Listen'

/**
 * The declared services of a host, what it waits for, the other actors and jobs, and whatever starts one of them or stops
 * with it. The named ones are asked for by name, so that one which is not there says so (`LoadState=not-found`); what they
 * name is asked next, until nothing new is named: systemd takes a tenth of a second to tell of all units of a host. Of the
 * other actors and jobs, most of which no host has, those are asked that have a file: to look for one that is nowhere takes
 * systemd milliseconds.
 */
export function serviceUnits(host: HostConfig): Fact<readonly ServiceUnit[]> {
  const { services, wait_for } = host.stages.drain
  const names = [LOGIND, ...services.map((service) => unitId(service.name)), ...wait_for.map(unitId)]
  return {
    id: 'service-units',
    costMs: 30,
    sh: sh`[ -d /run/systemd/system ] || exit 127
set -f; set -- ${[...new Set(names)]}
for u in ${[...ACTORS, ...JOBS]}; do for d in ${UNIT_FOLDERS}; do if [ -e "$d/$u" ] || [ -L "$d/$u" ]; then set -- "$@" "$u"; break; fi; done; done
seen=" $* "
while [ $# -gt 0 ]; do
  out=$(systemctl show --no-pager -p ${PROPERTIES} -- "$@") || exit
  printf '%s\n\n' "$out"
  set --
  while IFS='=' read -r key named; do
    case $key in TriggeredBy | ConsistsOf | RequiredBy | BoundBy) ;; *) continue ;; esac
    for u in $named; do
      case $u in *.service | *.socket | *.timer | *.path) ;; *) continue ;; esac
      case $seen in *" $u "*) ;; *) seen="$seen$u "; set -- "$@" "$u" ;; esac
    done
  done <<E
$out
E
done`,
    cap: 4_194_304,
    parse: onSuccess(parse),
  }
}

function parse(out: string): Result<readonly ServiceUnit[]> {
  const found = new Map<string, ServiceUnit>()
  for (const record of out.split(/\n\n+/)) {
    const unit = unitOf(record)
    if (unit !== undefined) found.set(unit.id, unit)
  }
  return found.size > 0 ? ok([...found.values()]) : unknown('systemctl named no unit')
}

const UNIT_NAME = /^[A-Za-z0-9:_.\\@-]{1,255}$/

function unitOf(record: string): ServiceUnit | undefined {
  const values = new Map<string, string>()
  const listens: number[] = []
  for (const line of record.split('\n')) {
    const at = line.indexOf('=')
    if (at <= 0) continue
    // Listen= is printed once for each address.
    if (line.startsWith('Listen=')) listens.push(...portOf(line.slice(at + 1)))
    else values.set(line.slice(0, at), line.slice(at + 1))
  }
  const text = (key: string) => values.get(key) ?? ''
  const list = (key: string) =>
    text(key)
      .split(' ')
      .filter((word) => UNIT_NAME.test(word))
  if (!UNIT_NAME.test(text('Id')) || text('ActiveState') === '') return undefined
  return {
    id: text('Id'),
    names: list('Names'),
    load: text('LoadState'),
    active: text('ActiveState'),
    enabled: text('UnitFileState'),
    type: text('Type'),
    remainsAfterExit: text('RemainAfterExit') === 'yes',
    triggeredBy: list('TriggeredBy'),
    stoppedWith: [...list('ConsistsOf'), ...list('RequiredBy'), ...list('BoundBy')],
    controlGroup: text('ControlGroup'),
    listens,
  }
}

/** `0.0.0.0:80 (Stream)`, `[::]:80 (Stream)`, `/run/x.sock (Stream)`: the port, where there is one. */
function portOf(listen: string): number[] {
  const port = /:(\d{1,5}) \((?:Stream|Datagram|SequentialPacket)\)$/.exec(listen)?.[1]
  return port === undefined ? [] : [Number(port)]
}

/** The unit known by that name or alias; a name without a suffix is a service. */
export function namedUnit(all: readonly ServiceUnit[], name: string): ServiceUnit | undefined {
  const id = unitId(name)
  return all.find((unit) => unit.id === id) ?? all.find((unit) => unit.names.includes(id))
}
