import type { Duplex } from 'node:stream'
import { ConnectError } from '../errors'
import { RefusedAddressError } from '../network/refused-address'
import { isWorse } from './check'
import { fail, type ProbeContext, type Seen, unreadable } from './probe'
import { codeOf, whyOf } from './run'
import { seenFromRunner } from './runner-network'

export type SeenFrom = 'host' | 'runner' | 'both'
export type View = 'host' | 'runner'

/** Looks from where the entry says; two views make one result, the worse outcome, and `actual` tells both apart. */
export async function lookFrom(from: SeenFrom, look: (view: View) => Promise<Seen>): Promise<Seen> {
  if (from !== 'both') return named(from, await look(from))
  const [host, runner] = await Promise.all([look('host'), look('runner')])
  const worse = isWorse(runner.outcome, host.outcome) ? runner : host
  return { outcome: worse.outcome, actual: `${named('host', host).actual}; ${named('runner', runner).actual}` }
}

function named(view: View, seen: Seen): Seen {
  return { ...seen, actual: `from the ${view}: ${seen.actual}` }
}

/** A TCP connection as the host or the runner sees it. One that comes after the abort is closed again. */
export function dialFrom(
  view: View,
  hostname: string,
  port: number,
  at: ProbeContext,
  isHttps = false,
): Promise<Duplex> {
  const dialled =
    view === 'host'
      ? at.remote.dial(hostname.replace(/^\[(.*)\]$/, '$1'), port)
      : at.runner.dial(seenFromRunner(hostname, at.host), port, at.signal, isHttps)
  return new Promise((resolve, reject) => {
    let over = at.signal.aborted
    const stop = () => {
      over = true
      reject(at.signal.reason)
    }
    if (over) stop()
    at.signal.addEventListener('abort', stop, { once: true })
    dialled.then(
      (socket) => {
        at.signal.removeEventListener('abort', stop)
        // A socket nobody waits for any more still wants an ear for its errors.
        if (over) socket.on('error', () => undefined).destroy()
        else resolve(socket)
      },
      (error: unknown) => {
        at.signal.removeEventListener('abort', stop)
        reject(error)
      },
    )
  })
}

/** Codes with which the network itself says that the service cannot be reached. */
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EPIPE',
])

/** A connection that could not be made: a failure of the service where the other side said so, else unknown. */
export function dialSeen(error: unknown): Seen {
  if (error instanceof RefusedAddressError) return unreadable(error.message)
  const code = codeOf(error) ?? codeOf(error instanceof ConnectError ? error.cause : null)
  if (code !== null && UNREACHED.has(code)) return fail(`no connection (${code})`)
  return isRefusedByHost(error) ? fail('no connection (refused)') : unreadable(`no connection: ${whyOf(error)}`)
}

/** SSH_OPEN_CONNECT_FAILED (RFC 4254, 5.1): the host tried and could not connect; other reasons are about SSH itself. */
function isRefusedByHost(error: unknown): boolean {
  const cause = error instanceof ConnectError ? error.cause : error
  return cause instanceof Error && 'reason' in cause && cause.reason === 2
}
