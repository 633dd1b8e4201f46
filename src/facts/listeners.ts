import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { socketsOfProc } from './proc-sockets'
import { decimal, linesOf } from './text'

export interface Listener {
  readonly proto: 'tcp' | 'udp'
  /** `0.0.0.0`, `127.0.0.1`, `[::]`, `[fe80::1]`: no zone, IPv6 in brackets. */
  readonly address: string
  readonly port: number
  /** The process behind it, where root may see it; the name is host text. */
  readonly process: string | null
  /** An IPv6 socket that takes IPv4 too; null: not known. */
  readonly takesIpv4: boolean | null
}

export interface Listeners {
  readonly items: readonly Listener[]
  /** First port the kernel hands out by itself. */
  readonly ephemeralFrom: number
}

/** The range of a kernel nobody has tuned begins here: whatever stands below it, somebody has chosen. */
const USUAL_RANGE_FROM = 32_768

/**
 * Whether the port may have been drawn by chance, and so may be another after each start. The kernel never draws a port
 * for a TCP socket to listen on, but programs let it (bind(2) with port 0); hosts whose range was widened down to 1024
 * have their services in it. UDP sockets of clients are bound like those of services.
 */
export function isDrawn(listener: Listener, { ephemeralFrom }: Pick<Listeners, 'ephemeralFrom'>): boolean {
  const from = listener.proto === 'tcp' ? Math.max(ephemeralFrom, USUAL_RANGE_FROM) : ephemeralFrom
  return listener.port >= from
}

/** TCP sockets that listen and UDP sockets that are bound. Source: ss(8); without ss the tables of /proc/net. */
export const listeners: Fact<Listeners> = {
  id: 'listeners',
  costMs: 15,
  sh: sh`IFS= read -r range </proc/sys/net/ipv4/ip_local_port_range && printf 'range %s\\n' "$range"
if command -v ss >/dev/null; then ss -Htulnp; exit; fi
for table in tcp tcp6 udp udp6; do
  [ -r "/proc/net/$table" ] || continue
  printf 'table %s\\n' "$table"
  grep -E ' (0A|07) ' "/proc/net/$table"
done
[ -r /proc/net/tcp ]`,
  cap: 1_048_576,
  parse: onSuccess(parse),
}

/** `tcp/0.0.0.0:80`, `udp/[::]:123`: the key of its check. */
export function listenerKey(listener: Listener): string {
  return `${listener.proto}/${listener.address}:${listener.port}`
}

function parse(out: string): Result<Listeners> {
  const all = linesOf(out)
  const range = all.find((line) => line.startsWith('range '))?.split(/\s+/)[1]
  const rest = all.filter((line) => !line.startsWith('range '))
  const found = rest.some((line) => line.startsWith('table ')) ? socketsOfProc(rest) : rest.map(listenerOf)
  if (found.includes(undefined)) return unknown('a line of the list of sockets is in an unknown form')
  const byKey = new Map(found.flatMap((listener) => (listener ? [[listenerKey(listener), listener]] : [])))
  const items = [...byKey.values()].sort((a, b) => (listenerKey(a) < listenerKey(b) ? -1 : 1))
  return ok({ items, ephemeralFrom: decimal(range) ?? USUAL_RANGE_FROM })
}

/** `tcp LISTEN 0 511 0.0.0.0:80 0.0.0.0:* users:(("nginx",pid=1,fd=6))` */
function listenerOf(line: string): Listener | undefined {
  const [proto, , , , local] = line.split(/\s+/)
  const match = /^(.+):(\d{1,5})$/.exec(local ?? '')
  if ((proto !== 'tcp' && proto !== 'udp') || !match?.[1]) return undefined
  const address = addressOf(match[1])
  const port = decimal(match[2])
  if (address === undefined || port === undefined || port > 65_535) return undefined
  const process = /users:\(\("(.{1,64}?)",pid=\d+/.exec(line)?.[1] ?? null
  return { proto, address, port, process, takesIpv4: address.startsWith('[') ? match[1].startsWith('*') : null }
}

/**
 * ss writes `*` for an IPv6 socket that takes IPv4 too. A zone stands behind the bracket (`[fe80::1]%eth0`), in older
 * versions before it, and behind `*` and addresses of IPv4 where a socket is bound to one device.
 */
function addressOf(text: string): string | undefined {
  const bare = text.replace(/%[^\]]{1,32}/, '').replace(/^\[|\]$/g, '')
  if (bare === '*') return '[::]'
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(bare)) return bare
  return /^[0-9a-fA-F:.]{2,45}$/.test(bare) && bare.includes(':') ? `[${bare.toLowerCase()}]` : undefined
}
