import { lines, sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { decimal } from './text'

/** One unit of systemd. Words as systemd prints them: systemd.unit(5), org.freedesktop.systemd1(5). */
export interface Unit {
  /** `nginx.service`, `apt-daily.timer` */
  readonly id: string
  /** Every name it goes by, its own included; left out: only its own. */
  readonly names?: readonly string[]
  /** `loaded`, `not-found`, `masked` … */
  readonly load: string
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating` */
  readonly active: string
  /** `running`, `exited`, `dead`, `auto-restart` … */
  readonly sub: string
  /** `enabled`, `disabled`, `static`, `masked`, `generated` …; empty for units without a file. */
  readonly enabled: string
  /** Restarts by systemd itself since the unit was started; null for units that are no service. */
  readonly restarts: number | null
  /** 0: no main process now; null for units that are no service. */
  readonly mainPid: number | null
  /** `success`, `exit-code`, `timeout` … */
  readonly result: string
  /** `simple`, `notify`, `oneshot`, `dbus` …; empty for units that are no service. */
  readonly type: string
  readonly remainsAfterExit: boolean
  /** Made at run time (`systemd-run`): never there after a reboot. */
  readonly isTransient: boolean
  /** The name on the bus by which it is started on demand; empty: none. */
  readonly busName: string
  /** Sockets, timers and paths that start it. */
  readonly triggeredBy: readonly string[]
  /** Something else wants or requires it, so it is started at boot. */
  readonly isWanted: boolean
  /** false: it was to be started in this boot, and a condition of it did not hold. */
  readonly conditionMet: boolean
  /** When it last came up, in seconds after the boot; 0: never in this boot; left out by earlier versions. */
  readonly activeAtS?: number | null
}

const UNIT_NAME = /^[A-Za-z0-9:_.\\@-]{1,255}$/

const PROPERTIES =
  'Id,Names,LoadState,ActiveState,SubState,UnitFileState,NRestarts,MainPID,Result,Type,RemainAfterExit,Transient,BusName,TriggeredBy,WantedBy,RequiredBy,ConditionResult,ConditionTimestampMonotonic,ActiveEnterTimestampMonotonic'

/** Every service, timer, socket and path unit that is up, coming up, or failed. */
export const units: Fact<readonly Unit[]> = unitsWith([])

/**
 * The same, and these units whatever their state. systemd collects a unit's properties in about a millisecond each, and
 * most of the loaded ones are down and of no interest: only those that should be up are asked for by name, if they are not.
 */
export function unitsWith(names: readonly string[]): Fact<readonly Unit[]> {
  return shown(['--', '*.service', '*.timer', '*.socket', '*.path'], names)
}

/**
 * Only services that run, come, go or failed, and these units whatever their state: what may change from one look to the
 * next, in half the time. Restarts are counted for nothing else (systemd.service(5)).
 */
export function runningServices(names: readonly string[]): Fact<readonly Unit[]> {
  return shown(['--state=running,activating,deactivating,reloading,failed', '--', '*.service'], names)
}

/** @param selection options and patterns of `systemctl show` */
function shown(selection: readonly string[], names: readonly string[]): Fact<readonly Unit[]> {
  const show = sh`systemctl show --no-pager -p ${PROPERTIES}`
  const others = names.filter((name) => UNIT_NAME.test(name))
  const read = sh`[ -d /run/systemd/system ] || exit 127
o=$(${show} ${selection}) || exit
printf '%s\n' "$o"`
  const ask = sh`set --; n='
'; for u in ${others}; do case "$n$o$n" in *"\${n}Id=$u$n"*) ;; *) set -- "$@" "$u" ;; esac; done
[ $# = 0 ] || { echo; ${show} -- "$@"; }`
  return {
    id: 'units',
    costMs: 60,
    sh: others.length === 0 ? read : lines(read, ask),
    cap: 2_097_152,
    parse: onSuccess(parse),
  }
}

function parse(out: string): Result<readonly Unit[]> {
  // One that was asked for by an alias comes twice.
  const byId = new Map(out.split('\n\n').flatMap((record) => keyed(unitOf(record))))
  const found = [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return found.length > 0 ? ok(found) : unknown('systemctl named no unit')
}

const keyed = (unit: Unit | undefined): [string, Unit][] => (unit === undefined ? [] : [[unit.id, unit]])

function unitOf(record: string): Unit | undefined {
  const values = new Map<string, string>()
  for (const line of record.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1))
  }
  const text = (key: string) => (values.get(key) ?? '').slice(0, 256)
  const id = text('Id')
  if (!UNIT_NAME.test(id) || text('ActiveState') === '') return undefined
  return {
    id,
    names: wordsOf(values.get('Names')),
    load: text('LoadState'),
    active: text('ActiveState'),
    sub: text('SubState'),
    enabled: text('UnitFileState'),
    restarts: decimal(values.get('NRestarts')) ?? null,
    mainPid: decimal(values.get('MainPID')) ?? null,
    result: text('Result'),
    type: text('Type'),
    remainsAfterExit: text('RemainAfterExit') === 'yes',
    isTransient: text('Transient') === 'yes',
    busName: text('BusName'),
    triggeredBy: wordsOf(values.get('TriggeredBy')),
    isWanted: text('WantedBy') !== '' || text('RequiredBy') !== '',
    // systemd says "no" of a unit, too, that nobody has tried to start.
    conditionMet: text('ConditionResult') !== 'no' || (secondsOf(values.get('ConditionTimestampMonotonic')) ?? 0) === 0,
    activeAtS: secondsOf(values.get('ActiveEnterTimestampMonotonic')),
  }
}

/** From the microseconds of CLOCK_MONOTONIC; rounded up, as 0 stands for "never". */
function secondsOf(microseconds: string | undefined): number | null {
  const value = decimal(microseconds)
  return value === undefined ? null : Math.ceil(value / 1e6)
}

function wordsOf(text = ''): string[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, 16)
}

/** A unit name with its suffix: a name without one is a service (systemctl(1)). */
export function unitId(name: string): string {
  return /\.(service|socket|timer|path|target|mount|slice|scope|device|swap|automount)$/.test(name)
    ? name
    : `${name}.service`
}

/** The unit with that name or alias; a name without a suffix is a service. */
export function findUnit(all: readonly Unit[], name: string): Unit | undefined {
  const id = unitId(name)
  return all.find((unit) => unit.id === id) ?? all.find((unit) => unit.names?.includes(id) === true)
}

export function isActive(unit: Unit | undefined): boolean {
  return unit?.active === 'active' || unit?.active === 'reloading'
}
