import { sh } from '../shell/sh'
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
  /** false: a condition of the unit did not hold when it was last started. */
  readonly conditionMet: boolean
}

/** Every loaded service, timer, socket and path unit in one call. */
export const units: Fact<readonly Unit[]> = {
  id: 'units',
  sh: sh`[ -d /run/systemd/system ] || exit 127
systemctl show --all --no-pager -p Id,Names,LoadState,ActiveState,SubState,UnitFileState,NRestarts,MainPID,Result,Type,RemainAfterExit,Transient,BusName,TriggeredBy,WantedBy,RequiredBy,ConditionResult -- '*.service' '*.timer' '*.socket' '*.path'`,
  cap: 2_097_152,
  parse: onSuccess(parse),
}

function parse(out: string): Result<readonly Unit[]> {
  const found = out.split('\n\n').flatMap((record) => unitOf(record) ?? [])
  found.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  return found.length > 0 ? ok(found) : unknown('systemctl named no unit')
}

function unitOf(record: string): Unit | undefined {
  const values = new Map<string, string>()
  for (const line of record.split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1))
  }
  const text = (key: string) => (values.get(key) ?? '').slice(0, 256)
  const id = text('Id')
  if (!/^[A-Za-z0-9:_.\\@-]{1,255}$/.test(id) || text('ActiveState') === '') return undefined
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
    conditionMet: text('ConditionResult') !== 'no',
  }
}

function wordsOf(text = ''): string[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, 16)
}

/** The unit with that name or alias; a name without a suffix is a service. */
export function findUnit(all: readonly Unit[], name: string): Unit | undefined {
  const id = /\.(service|timer|socket|path|target|mount)$/.test(name) ? name : `${name}.service`
  return all.find((unit) => unit.id === id) ?? all.find((unit) => unit.names?.includes(id) === true)
}
