import type { Duplex } from 'node:stream'
import { Client } from 'undici'
import { ConnectError } from '../errors'
import { proxyHeaders } from './https-proxy'
import { requireAllowedHost } from './judged-connect'

/**
 * A TCP connection that a proxy makes for us (CONNECT). The name is judged as it is written: what it resolves to only the
 * proxy knows. @throws RefusedAddressError, ConnectError where the proxy refuses, or the error of the socket
 */
export async function tunnelThrough(proxy: URL, host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  requireAllowedHost(host)
  const to = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const client = new Client(proxy.origin)
  try {
    const { socket, statusCode } = await client.connect({
      path: to,
      headers: { ...proxyHeaders(proxy), host: to },
      signal,
    })
    if (statusCode === 200) return socket
    socket.on('error', () => undefined).destroy()
    throw new ConnectError(`the proxy ${proxy.host} refuses the way to ${to} (${statusCode})`)
  } finally {
    client.destroy().catch(() => undefined)
  }
}
