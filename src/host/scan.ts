import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import { ConnectError } from '../errors'
import { abortable } from './abortable'
import { fingerprint, keyTypeOf, knownHostName } from './known-hosts'
import { COMPRESSION } from './ssh-login'

/** A key that a host presented just now. Nobody has confirmed it. */
export interface PresentedKey {
  readonly type: string
  /** `SHA256:…`, for `host_key`. */
  readonly fingerprint: string
  /** For known-hosts. */
  readonly line: string
}

/** One handshake each: a server shows one key of those that it is asked for. */
const ASKED = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256'],
] as const

const HANDSHAKE_MS = 20_000

/**
 * The host keys that a machine presents, for a person to compare and pin: nothing is trusted, and no login is tried.
 * @throws ConnectError when it presents none
 */
export async function scanHostKeys(
  host: { readonly name: string; readonly address: string; readonly port: number },
  open: (signal: AbortSignal) => Promise<Duplex>,
  signal: AbortSignal,
): Promise<readonly PresentedKey[]> {
  const keys: PresentedKey[] = []
  let last: unknown
  for (const algorithms of ASKED) {
    try {
      const key = await presentedKey(
        open,
        [...algorithms],
        AbortSignal.any([signal, AbortSignal.timeout(HANDSHAKE_MS)]),
      )
      const name = knownHostName(host.address, host.port)
      const type = keyTypeOf(key)
      keys.push({ type, fingerprint: fingerprint(key), line: `${name} ${type} ${key.toString('base64')}` })
    } catch (error) {
      signal.throwIfAborted()
      last = error
    }
  }
  if (keys.length > 0) return keys
  const why = last instanceof Error ? last.message : String(last)
  throw new ConnectError(`${host.name}: no host key could be read from ${host.address} port ${host.port}: ${why}`, {
    hint: 'check address and port, and that sshd runs there',
    cause: last,
  })
}

type HostKeyAlgorithm = (typeof ASKED)[number][number]

async function presentedKey(
  open: (signal: AbortSignal) => Promise<Duplex>,
  algorithms: HostKeyAlgorithm[],
  signal: AbortSignal,
): Promise<Buffer> {
  const socket = await open(signal)
  let seen: Buffer | undefined
  const ssh = new NodeSSH()
  const connecting = ssh.connect({
    sock: socket,
    username: 'pitstop',
    // The handshake ends here: the key is looked at, never accepted.
    hostVerifier: (key: Buffer): boolean => {
      seen = Buffer.from(key)
      return false
    },
    algorithms: { serverHostKey: algorithms, compress: [...COMPRESSION] },
    authHandler: [],
    readyTimeout: HANDSHAKE_MS,
  })
  ssh.connection?.on('error', () => {})
  try {
    await abortable(connecting, signal)
  } catch (error) {
    if (seen === undefined) throw error
  } finally {
    socket.destroy()
  }
  if (seen === undefined) throw new Error('the server presented no key')
  return seen
}
