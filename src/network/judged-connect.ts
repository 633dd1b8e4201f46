import { lookup as systemLookup } from 'node:dns'
import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { isRefusedAddress, isRefusedHost, RefusedAddressError } from './refused-address'

/**
 * A look-up whose every answer is judged (H18). It is handed to the very call that connects, which takes its addresses
 * from here: nothing is looked up a second time.
 */
export function judgedLookup(resolve: LookupFunction = systemLookup): LookupFunction {
  return (name, options, done) =>
    resolve(name, options, (error, found, family) => {
      if (error) return done(error, found, family)
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map((entry) => entry.address)
      // What is no address cannot be judged, so it is not connected to.
      const bad = addresses.find((address) => isIP(address.replace(/%.*$/, '')) === 0 || isRefusedAddress(address))
      if (bad === undefined) done(null, found, family)
      else done(new RefusedAddressError(name, bad), '')
    })
}

/** @throws RefusedAddressError: a name or an address that is refused whatever it resolves to */
export function requireAllowedHost(host: string): void {
  if (isRefusedHost(host)) throw new RefusedAddressError(host, null)
}

/** A TCP connection from the runner to an address that was judged. @throws RefusedAddressError, or the error of the socket */
export function judgedConnect(
  host: string,
  port: number,
  signal: AbortSignal,
  resolve: LookupFunction = systemLookup,
): Promise<Socket> {
  return new Promise((resolved, reject) => {
    requireAllowedHost(host)
    signal.throwIfAborted()
    const socket = connect({ host, port, lookup: judgedLookup(resolve) })
    const stop = () => socket.destroy(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', stop))
    socket.once('error', reject)
    socket.once('connect', () => {
      // From here on the socket is in the hands of whoever asked for it.
      signal.removeEventListener('abort', stop)
      socket.off('error', reject)
      resolved(socket.setNoDelay(true))
    })
  })
}
