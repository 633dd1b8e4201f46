import { lookup as dnsLookup } from 'node:dns'
import { BlockList, connect, isIP, type LookupFunction } from 'node:net'
import type { HostConfig } from '../config/schema'
import { MaintenanceError } from '../errors'
import type { RunnerNetwork } from './probe'

/** A check would have made the runner talk to an address no check has business with (H18). */
export class RefusedAddressError extends MaintenanceError {}

/** Link-local networks and the addresses at which clouds hand out credentials. */
const refused = new BlockList()
refused.addSubnet('169.254.0.0', 16, 'ipv4')
refused.addSubnet('fe80::', 10, 'ipv6')
// AWS over IPv6, Alibaba, Oracle, Azure.
refused.addAddress('fd00:ec2::254', 'ipv6')
refused.addAddress('100.100.100.200', 'ipv4')
refused.addAddress('192.0.0.192', 'ipv4')
refused.addAddress('168.63.129.16', 'ipv4')
// The same IPv4 addresses behind NAT64.
refused.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** A zone (`fe80::1%eth0`) is cut off: BlockList does not know it. */
function isIn(list: BlockList, address: string): boolean {
  const bare = address.replace(/%.*$/, '')
  const family = isIP(bare)
  return family !== 0 && list.check(bare, family === 4 ? 'ipv4' : 'ipv6')
}

/** May the runner's checks talk to this IP address? IPv4 inside IPv6 counts as the IPv4 address. */
export function isRefusedAddress(address: string): boolean {
  return isIn(refused, address)
}

/** Where the runner has to go for an address that a check names from the host's point of view: loopback means the host. */
export function seenFromRunner(hostname: string, host: Pick<HostConfig, 'address'>): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return bare === 'localhost' || bare.endsWith('.localhost') || isIn(loopback, bare) ? host.address : bare
}

/** Direct connections from the runner. Names are resolved once, judged, and exactly the judged address is connected. */
export function runnerNetwork(resolve: LookupFunction = dnsLookup): RunnerNetwork {
  const lookup: LookupFunction = (name, options, done) =>
    resolve(name, options, (error, found, family) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map((entry) => entry.address)
      const bad = error ? undefined : addresses.find(isRefusedAddress)
      if (bad === undefined) done(error, found, family)
      else done(refusal(name, bad), '')
    })
  return {
    dial: (host, port, signal) =>
      new Promise((resolved, reject) => {
        if (isRefusedAddress(host)) return reject(refusal(host, host))
        const socket = connect({ host, port, lookup, signal })
        socket.once('error', reject)
        socket.once('connect', () => {
          socket.off('error', reject)
          resolved(socket.setNoDelay(true))
        })
      }),
  }
}

function refusal(name: string, address: string): RefusedAddressError {
  const which = name === address ? address : `${name} (${address})`
  return new RefusedAddressError(
    `the runner does not connect to ${which}: link-local and metadata addresses are refused`,
    {
      hint: 'Check it with `from: host`, or name an address that users reach.',
    },
  )
}
