import type { Unit } from '../facts/units'

/** Names systemd gives to what comes and goes with logins, single commands and scopes; `pitstop-` are those of a run. */
const PASSING =
  /^(?:user@\d+|user-runtime-dir@\d+|session-c?\d+|run-[rup]?[0-9a-f]+(?:-i\d+)?|pitstop-.+)\.[a-z]+$|\.scope$/

/**
 * One service for each connection of a socket: `sshd@3-192.0.2.1:22-192.0.2.9:5000.service`, since systemd 257 with the
 * number of the socket behind the first. Both addresses have a port: `postgresql@15-main` and `redis@6379-a` have none.
 */
const BETWEEN_ADDRESSES = /@\d+-(?:\d+-)?[0-9a-fA-F.:]+:\d+-[0-9a-fA-F.:]+:\d+\.service$/

/** Whether it is a unit that nobody sets up: it is gone with its session, its command or its connection. */
export function isPassing(unit: Pick<Unit, 'id' | 'isTransient' | 'triggeredBy'>): boolean {
  return unit.isTransient || PASSING.test(unit.id) || isPerConnection(unit)
}

/** The same from a name alone, where the unit itself could not be read; `run-` is then what `systemd-run` has made. */
export function hasPassingName(id: string): boolean {
  return id.startsWith('run-') || isPassing({ id, isTransient: false, triggeredBy: [] })
}

/** A local connection has no address in its name, so there its socket tells: one that has not the instance of the service. */
function isPerConnection({ id, triggeredBy }: Pick<Unit, 'id' | 'triggeredBy'>): boolean {
  if (BETWEEN_ADDRESSES.test(id)) return true
  const [, prefix, instance] = /^([^@]+)@(\d+-[^@]+)\.service$/.exec(id) ?? []
  return triggeredBy.some((socket) => {
    const [, of, its] = /^([^@]+)(?:@(.*))?\.socket$/.exec(socket) ?? []
    return prefix !== undefined && of === prefix && its !== instance
  })
}
