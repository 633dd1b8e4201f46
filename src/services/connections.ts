import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import type { WaitStep } from '../plan/step'
import { type Sh, sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'
import { holdsOf } from './hold'
import { serviceUnits } from './service-units'
import type { DeclaredService } from './systemd'

/** A listening TCP socket and the control group of a process that holds it. */
export interface ServicePort {
  readonly port: number
  /** `/system.slice/nginx.service` */
  readonly controlGroup: string
}

/** Who listens where, by control group: the part of it systemd made names the unit. */
export const servicePorts: Fact<readonly ServicePort[]> = {
  id: 'service-ports',
  needs: 'root',
  sh: sh`ss -Htlnp || exit
for f in /proc/[0-9]*/cgroup; do
  p=\${f#/proc/}; { while IFS= read -r l; do printf '%s %s\\n' "\${p%/cgroup}" "$l"; done <"$f"; } 2>/dev/null
done
:`,
  cap: 4_194_304,
  parse: onSuccess(parse),
}

function parse(out: string): Result<readonly ServicePort[]> {
  const groups = new Map<string, string>()
  const sockets: { port: number; pids: string[] }[] = []
  for (const line of out.split('\n')) {
    const group = /^(\d+) (?:0::|1:name=systemd:)(\/.*)$/.exec(line)
    if (group?.[1] !== undefined && group[2] !== undefined) groups.set(group[1], group[2])
    if (!line.startsWith('LISTEN')) continue
    const port = /^LISTEN\s+\d+\s+\d+\s+\S+:(\d{1,5})\s/.exec(line)?.[1]
    if (port === undefined) return unknown('ss printed a line in an unknown form')
    sockets.push({ port: Number(port), pids: [...line.matchAll(/,pid=(\d+),/g)].map((match) => match[1] ?? '') })
  }
  return ok(sockets.flatMap(({ port, pids }) => pids.map((pid) => ({ port, controlGroup: groups.get(pid) ?? '' }))))
}

/** Ports the declared services listen on, by themselves or through their sockets; ascending. */
export function portsOf(x: StageInput, declared: readonly DeclaredService[]): Result<readonly number[]> {
  const listening = x.facts.get(servicePorts)
  if (!listening.ok) return listening
  const all = x.facts.or(serviceUnits(x.host), [])
  const own = declared.map(({ unit }) => unit.id)
  const ids = new Set(declared.flatMap(({ unit }) => holdsOf(unit, all, own).map((held) => held.unit)))
  const units = all.filter((unit) => ids.has(unit.id))
  const owns = (group: string) =>
    units.some((unit) => unit.controlGroup !== '' && `${group}/`.startsWith(`${unit.controlGroup}/`))
  const ports = [
    ...units.flatMap((unit) => unit.listens),
    ...listening.value.filter((one) => owns(one.controlGroup)).map((one) => one.port),
  ]
  return ok([...new Set(ports)].sort((a, b) => a - b))
}

/** Waits until no connection to these ports is open; then they are cut, or (`hold`) the drain fails and is undone. */
export function waitForConnections(x: StageInput, ports: readonly number[]): readonly WaitStep[] {
  const { for: timeoutMs, then } = x.host.stages.drain.connections
  if (ports.length === 0 || timeoutMs === 0) return []
  return [
    {
      do: 'wait',
      id: 'wait-connections',
      title: `Wait for open connections on ${ports.length === 1 ? 'port' : 'ports'} ${ports.join(', ')} to finish`,
      place: 'host',
      required: then === 'hold',
      disruptive: false,
      changes: false,
      timeoutMs,
      everyMs: 1_000,
      until: noConnection(ports),
    },
  ]
}

/** An answer that cannot be read is no "none": ss has to succeed and print nothing. */
function noConnection(ports: readonly number[]): Sh {
  const filter = ports.map((port) => `sport = :${port}`).join(' or ')
  return sh`c=$(ss -Htn state established ${`( ${filter} )`}) && [ -z "$c" ]`
}
