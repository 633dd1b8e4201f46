import { BlockList, isIP, type LookupFunction } from 'node:net'
import type { HostConfig } from '../config/schema'
import { httpsProxy, type ProxyEnv } from '../network/https-proxy'
import { judgedConnect } from '../network/judged-connect'
import { tunnelThrough } from '../network/tunnel'
import type { RunnerNetwork } from './probe'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

function isLoopback(address: string): boolean {
  const family = isIP(address)
  return family !== 0 && loopback.check(address, family === 4 ? 'ipv4' : 'ipv6')
}

/** Where the runner has to go for an address that a check names from the host's point of view: loopback means the host. */
export function seenFromRunner(hostname: string, host: Pick<HostConfig, 'address'>): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return bare === 'localhost' || bare.endsWith('.localhost') || isLoopback(bare) ? host.address : bare
}

/**
 * Connections from the runner. Names are resolved once, judged, and exactly the judged address is connected. What speaks
 * https goes through the proxy of the machine, where it has one.
 */
export function runnerNetwork(resolve?: LookupFunction, env: ProxyEnv = process.env): RunnerNetwork {
  return {
    dial: async (host, port, signal, isHttps = false) => {
      const proxy = isHttps ? httpsProxy(host, port, env) : null
      return proxy === null ? judgedConnect(host, port, signal, resolve) : tunnelThrough(proxy, host, port, signal)
    },
  }
}
