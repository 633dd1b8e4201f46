import { BlockList, isIP } from 'node:net'
import { MaintenanceError } from '../errors'
import { embeddedIpv4 } from './embedded-ipv4'

/** The runner was to talk to an address no request of ours has business with (H18). */
export class RefusedAddressError extends MaintenanceError {
  /** @param address where `name` led; null: it is the name itself that is refused */
  constructor(name: string, address: string | null) {
    const which = address === null || address === name ? name : `${name} (${address})`
    super(`the runner does not connect to ${which}: link-local and metadata addresses are refused`, {
      hint: 'Check it with `from: host`, or name an address that users reach.',
    })
  }
}

/**
 * Link-local networks, and the addresses at which clouds hand out credentials. Private networks are not among them: the
 * hosts of a fleet live there.
 */
const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
// Alibaba, Oracle, Azure.
for (const address of ['100.100.100.200', '192.0.0.192', '168.63.129.16']) refused.addAddress(address, 'ipv4')
// AWS with all its link-local services, Google, Oracle, Scaleway: inside the networks of unique local addresses.
refused.addSubnet('fd00:ec2::', 32, 'ipv6')
for (const address of ['fd20:ce::254', 'fd00:c1::a9fe:a9fe', 'fd00:42::42']) refused.addAddress(address, 'ipv6')

/** Names under which clouds answer themselves; a proxy, or a resolver of the cloud, would look them up for us. */
const METADATA_NAMES: ReadonlySet<string> = new Set([
  ...['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data', 'instance-data.ec2.internal'],
  ...['metadata.azure.internal', 'metadata.azure.com', 'metadata.tencentyun.com', 'metadata.oraclecloud.com'],
  ...['metadata.packet.net', 'metadata.platformequinix.com', 'api.metadata.cloud.ibm.com', 'rancher-metadata'],
])
const METADATA_NAME = /^instance-data\.[a-z0-9-]+\.compute\.internal$|\.metadata\.goog$/

/** May the runner talk to this IP address? IPv4 inside IPv6, in whatever form, counts as the IPv4 address. */
export function isRefusedAddress(address: string): boolean {
  // A zone (`fe80::1%eth0`) is cut off: BlockList does not know it.
  const bare = address.replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 4) return refused.check(bare, 'ipv4')
  if (family !== 6) return false
  return refused.check(bare, 'ipv6') || embeddedIpv4(bare).some((inner) => refused.check(inner, 'ipv4'))
}

/** The same for a host as it is written in a URL or a file: a name, or an address in decimal, octal, hex or short form. */
export function isRefusedHost(host: string): boolean {
  const plain = plainHost(host)
  return isRefusedAddress(plain) || METADATA_NAMES.has(plain) || METADATA_NAME.test(plain)
}

/** Lower case, without brackets, zone and final dots; every way to write an IPv4 address becomes the usual one. */
function plainHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  const written = bare.includes(':') ? `http://[${bare}]/` : `http://${bare}/`
  const read = URL.canParse(written) ? new URL(written).hostname : bare.toLowerCase()
  return read.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '')
}
