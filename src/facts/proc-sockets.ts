import type { Listener } from './listeners'

/** Sockets from /proc/net/{tcp,tcp6,udp,udp6}, each table behind a line `table <name>`. Undefined: an unknown line. Source: proc_net(5). */
export function socketsOfProc(lines: readonly string[]): (Listener | undefined)[] {
  const found: (Listener | undefined)[] = []
  let table = ''
  for (const line of lines) {
    if (line.startsWith('table ')) table = line.slice('table '.length)
    else found.push(...socketOf(table, line))
  }
  return found
}

function socketOf(table: string, line: string): (Listener | undefined)[] {
  const [, local, , state] = line.trim().split(/\s+/)
  const proto = table.startsWith('udp') ? 'udp' : 'tcp'
  // 0A is LISTEN; an unconnected UDP socket is 07.
  if (state !== (proto === 'tcp' ? '0A' : '07')) return []
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(local ?? '')
  if (!match?.[1] || !match[2]) return [undefined]
  return [{ proto, address: hexAddress(match[1]), port: Number.parseInt(match[2], 16), process: null, takesIpv4: null }]
}

/** Addresses stand as 32-bit words in the byte order of the machine; every machine that matters is little-endian. */
export function hexAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  return `[${shortIpv6(bytes.join(''))}]`
}

/** 32 hex digits in network order to the short form of RFC 5952. */
export function shortIpv6(digits: string): string {
  const groups = (digits.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16))
  const zeros = /(?:^|:)0(?::0)+(?:$|:)/g
  const long = groups.join(':')
  const longest = (long.match(zeros) ?? []).sort((a, b) => b.length - a.length)[0]
  return longest === undefined ? long : long.replace(longest, '::')
}
