import { checkId } from '../config/check-id'
import { expand } from '../config/command'
import { within } from './limit'
import { type CheckKind, fail, type ProbeContext, pass, type Seen } from './probe'
import { dialFrom, dialSeen, lookFrom, type View } from './seen-from'

/** A port that accepts connections. */
export const tcp: CheckKind = {
  kind: 'tcp',
  probe(entry, { host }) {
    if (!('tcp' in entry)) return null
    const wanted = { ...entry.tcp, host: expand(entry.tcp.host, host) }
    return {
      id: checkId(entry, host),
      kind: 'tcp',
      expected: `port ${wanted.port} accepts a connection within ${wanted.timeout / 1000} s`,
      timeoutMs: wanted.timeout,
      run: (at) => lookFrom(wanted.from, (view) => connectOnce(view, wanted, at)),
    }
  },
}

interface Target {
  readonly host: string
  readonly port: number
  readonly timeout: number
}

async function connectOnce(view: View, target: Target, at: ProbeContext): Promise<Seen> {
  const begun = at.clock.monotonicMs()
  const look = async (bounded: ProbeContext) => {
    try {
      const socket = await dialFrom(view, target.host, target.port, bounded)
      socket.on('error', () => undefined).destroy()
      return pass(`connected in ${Math.round(at.clock.monotonicMs() - begun)} ms`)
    } catch (error) {
      bounded.signal.throwIfAborted()
      return dialSeen(error)
    }
  }
  return within(target.timeout, at, look, () => fail(`no connection within ${target.timeout / 1000} s`))
}
