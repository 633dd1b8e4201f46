import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { decimal, linesOf } from './text'

/** Counters of one network card since the boot, in packets. */
export interface NetErrors {
  readonly device: string
  readonly received: number
  readonly sent: number
  readonly receiveErrors: number
  readonly receiveDropped: number
  readonly sendErrors: number
  readonly collisions: number
  readonly carrierErrors: number
}

/** Source: proc_net(5), /proc/net/dev. Bridges, tunnels and the pairs of containers are left out. */
export const netErrors: Fact<readonly NetErrors[]> = {
  id: 'net-errors',
  sh: sh`cat /proc/net/dev`,
  cap: 1_048_576,
  parse: onSuccess(parse),
}

const VIRTUAL =
  /^(?:lo|ifb\d*|veth.*|docker.*|br-.*|virbr.*|vnet.*|tap.*|tun.*|cni.*|flannel.*|cali.*|lxc.*|dummy.*|wg.*|podman.*)$/

function parse(out: string): Result<readonly NetErrors[]> {
  const found: NetErrors[] = []
  for (const line of linesOf(out).slice(2)) {
    const match = /^\s*([^\s:]{1,64}):(.*)$/s.exec(line)
    const values = (match?.[2] ?? '').trim().split(/\s+/).map(decimal)
    if (!match?.[1] || values.length < 16) return unknown('/proc/net/dev is in an unknown form')
    if (VIRTUAL.test(match[1])) continue
    const at = (index: number) => values[index] ?? 0
    found.push({
      device: match[1],
      received: at(1),
      receiveErrors: at(2),
      receiveDropped: at(3),
      sent: at(9),
      sendErrors: at(10),
      collisions: at(13),
      carrierErrors: at(14),
    })
  }
  return ok(found)
}
