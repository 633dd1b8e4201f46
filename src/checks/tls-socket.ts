import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'

/**
 * TLS over a connection that stands already, checked against `hostname` and the authorities the runner trusts
 * (NODE_EXTRA_CA_CERTS adds some), or only against `ca` (PEM) where it is given.
 * @throws the error of the handshake with its `code`, such as DEPTH_ZERO_SELF_SIGNED_CERT; the signal's reason.
 */
export function encrypt(plain: Duplex, hostname: string, signal: AbortSignal, ca?: string): Promise<Duplex> {
  const name = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve, reject) => {
    const socket = connect({
      socket: plain,
      host: name,
      // RFC 6066: an IP address is no server name.
      ...(isIP(name) === 0 ? { servername: name } : {}),
      ...(ca === undefined ? {} : { ca }),
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
    })
    const stop = () => {
      reject(signal.reason)
      socket.destroy()
    }
    signal.addEventListener('abort', stop, { once: true })
    socket.on('error', reject)
    // TLS that refuses a certificate closes the connection below it first, and names its reason just after.
    plain.once('close', () =>
      setTimeout(() => reject(new HandshakeCutError('the connection was closed in the handshake')), NAMED_WITHIN_MS),
    )
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', stop)
      resolve(socket)
    })
  })
}

const NAMED_WITHIN_MS = 100

class HandshakeCutError extends Error {
  readonly code = 'ECONNRESET'
}
