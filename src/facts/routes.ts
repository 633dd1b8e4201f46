import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { hexAddress, shortIpv6 } from './proc-sockets'
import { linesOf } from './text'

export interface DefaultRoute {
  readonly family: 4 | 6
  /** null: straight onto the link. */
  readonly gateway: string | null
  readonly device: string
}

/** Default routes of the main table. Source: proc_net(5), /proc/net/route and ipv6_route; no tool is needed. */
export const routes: Fact<readonly DefaultRoute[]> = {
  id: 'routes',
  sh: sh`[ -r /proc/net/route ] || exit 127
grep -E '^[^[:space:]]+[[:space:]]00000000[[:space:]]' /proc/net/route
[ $? -le 1 ] || exit 1
[ -r /proc/net/ipv6_route ] || exit 0
grep -E '^0{32} 00 ' /proc/net/ipv6_route
[ $? -le 1 ]`,
  cap: 262_144,
  parse: onSuccess(parse),
}

const UP = 0x1
const REJECT = 0x200

function parse(out: string): Result<readonly DefaultRoute[]> {
  const found: DefaultRoute[] = []
  for (const line of linesOf(out)) {
    const fields = line.trim().split(/\s+/)
    const route = fields[0]?.length === 32 ? ipv6Route(fields) : ipv4Route(fields)
    if (route === undefined) return unknown('a route is in an unknown form')
    if (route !== 'other') found.push(route)
  }
  return ok(found)
}

function ipv4Route(fields: readonly string[]): DefaultRoute | 'other' | undefined {
  const [device, , gateway, flags, , , , mask] = fields
  if (!device || !/^[0-9A-F]{8}$/.test(gateway ?? '') || !/^[0-9A-F]{4}$/.test(flags ?? '')) return undefined
  if (mask !== '00000000' || !isUsable(flags)) return 'other'
  return { family: 4, gateway: gateway === '00000000' ? null : hexAddress(gateway ?? ''), device: device.slice(0, 64) }
}

function ipv6Route(fields: readonly string[]): DefaultRoute | 'other' | undefined {
  const [, , , , gateway, , , , flags, device] = fields
  if (!device || !/^[0-9a-f]{32}$/.test(gateway ?? '') || !/^[0-9a-f]{8}$/.test(flags ?? '')) return undefined
  if (device === 'lo' || !isUsable(flags)) return 'other'
  return {
    family: 6,
    gateway: /^0+$/.test(gateway ?? '') ? null : shortIpv6(gateway ?? ''),
    device: device.slice(0, 64),
  }
}

function isUsable(flags = '0'): boolean {
  const bits = Number.parseInt(flags, 16)
  return (bits & UP) !== 0 && (bits & REJECT) === 0
}
