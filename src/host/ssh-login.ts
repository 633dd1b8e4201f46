import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { NodeSSH } from 'node-ssh'
import type { AnyAuthMethod, Client } from 'ssh2'
import type { HostKeyError } from '../errors'
import { abortable } from './abortable'
import { hostKeyError, judgeKey, type KnownKeys, knownKeyTypes } from './host-key'
import { keyTypeOf } from './known-hosts'
import { type AttemptContext, AttemptFailed, classify, late } from './login-failure'
import type { LoginMethod } from './login-key'
import { Sha2Agent } from './sha2-agent'

export interface LoginTarget {
  readonly known: KnownKeys
  readonly user: string
  readonly method: LoginMethod
  readonly keepaliveMs: number
  readonly keepaliveTries: number
  /** For TCP, handshake and login together. */
  readonly handshakeMs: number
  /** The way to the host: a socket of our own, or a channel through a jump host. */
  readonly open: (signal: AbortSignal) => Promise<Duplex>
  /** Once met, the host must show this very key for the rest of the run, also after a reboot (H17). */
  readonly metKey?: Buffer
}

export interface Login {
  readonly client: Client
  readonly socket: Duplex
  /** The key that the host showed. */
  readonly hostKey: Buffer
}

/** Host keys we accept, best first. No ssh-rsa: its signatures are SHA-1 (H17). Keys of type ssh-rsa sign as rsa-sha2-*. */
const HOST_KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const
type HostKeyAlgorithm = (typeof HOST_KEY_ALGORITHMS)[number]

const MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const

/** Alone: a few bytes of a hostile host must not become gigabytes here, also where it offers nothing else. */
export const COMPRESSION = ['none'] as const

function keyTypeFor(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm
}

/** Algorithms of known key types first: a host known by ed25519 must not show ecdsa and look unknown. */
function hostKeyOrder({ known, metKey }: LoginTarget, without: ReadonlySet<string>): HostKeyAlgorithm[] {
  const types = metKey === undefined ? knownKeyTypes(known) : [keyTypeOf(metKey)]
  const usable = HOST_KEY_ALGORITHMS.filter((a) => !without.has(keyTypeFor(a)))
  return [
    ...usable.filter((a) => types.includes(keyTypeFor(a))),
    ...usable.filter((a) => !types.includes(keyTypeFor(a))),
  ]
}

/**
 * One complete login. Where the host has several keys and the first it shows is not among the pins, the others are asked
 * for: a pin names a key, not its type. @throws AttemptFailed, or the reason of `signal`
 */
export async function login(target: LoginTarget, signal: AbortSignal): Promise<Login> {
  const shown = new Set<string>()
  let first: AttemptFailed | undefined
  for (;;) {
    const algorithms = hostKeyOrder(target, shown)
    const attempt = new Attempt(target, algorithms)
    try {
      return await attempt.run(signal)
    } catch (error) {
      if (!(error instanceof AttemptFailed)) throw error
      first ??= error
      const type = attempt.mismatched
      if (type === null || shown.has(type) || target.known.pins.length === 0) throw first
      shown.add(type)
      if (hostKeyOrder(target, shown).length === 0) throw first
    }
  }
}

class Attempt {
  /** Type of the key that was presented and did not match; null while none was. */
  mismatched: string | null = null
  readonly #target: LoginTarget
  readonly #algorithms: HostKeyAlgorithm[]
  #refusal: HostKeyError | undefined
  #hostKey: Buffer | undefined
  #sawHandshake = false

  constructor(target: LoginTarget, algorithms: HostKeyAlgorithm[]) {
    this.#target = target
    this.#algorithms = algorithms
  }

  async run(signal: AbortSignal): Promise<Login> {
    signal.throwIfAborted()
    const deadline = AbortSignal.timeout(this.#target.handshakeMs)
    const both = AbortSignal.any([signal, deadline])
    let socket: Duplex | undefined
    try {
      socket = await this.#open(both)
      return await this.#shakeHands(socket, both)
    } catch (error) {
      socket?.destroy()
      signal.throwIfAborted()
      if (this.#refusal !== undefined) throw new AttemptFailed('final', this.#refusal)
      throw deadline.aborted ? late(this.#context()) : classify(error, this.#context())
    }
  }

  async #open(signal: AbortSignal): Promise<Duplex> {
    const opening = this.#target.open(signal)
    // An attempt that was given up must not leave a socket behind that opens later.
    const destroyLate = () =>
      void opening.then(
        (late) => late.destroy(),
        () => {},
      )
    signal.addEventListener('abort', destroyLate, { once: true })
    const socket = await abortable(opening, signal)
    // The deadline is one of the attempt: it would end the connection under everybody who uses it later.
    signal.removeEventListener('abort', destroyLate)
    return socket
  }

  async #shakeHands(socket: Duplex, signal: AbortSignal): Promise<Login> {
    const ssh = new NodeSSH()
    const connecting = ssh.connect({
      sock: socket,
      username: this.#target.user,
      hostVerifier: (key: Buffer): boolean => this.#verify(key),
      algorithms: { serverHostKey: this.#algorithms, hmac: [...MACS], compress: [...COMPRESSION] },
      authHandler: [authMethod(this.#target)],
      keepaliveInterval: this.#target.keepaliveMs,
      keepaliveCountMax: this.#target.keepaliveTries,
      readyTimeout: this.#target.handshakeMs,
    })
    // node-ssh makes its client before it first waits, and drops its error listener once ready: ours must stay, or a
    // later error of the connection would end the process.
    const client = ssh.connection
    if (client === null) throw new Error('node-ssh made no client')
    client.on('error', () => {})
    client.once('handshake', () => {
      this.#sawHandshake = true
    })
    connecting.catch(() => {})
    await abortable(connecting, signal)
    if (this.#hostKey === undefined) throw new Error('ssh2 asked for no verdict on the host key')
    return { client, socket, hostKey: this.#hostKey }
  }

  /** Plain and synchronous: ssh2 takes anything but the value `false` for a yes. */
  #verify(key: Buffer): boolean {
    const { known, metKey } = this.#target
    if (metKey !== undefined && !metKey.equals(key)) {
      this.#refusal = hostKeyError(known, key, 'changed')
      return false
    }
    const verdict = judgeKey(known, key)
    if (!verdict.trusted) {
      this.#refusal = hostKeyError(known, key, verdict.why)
      this.mismatched = verdict.why === 'changed' || verdict.why === 'disagree' ? keyTypeOf(key) : null
      return false
    }
    this.#hostKey = Buffer.from(key)
    return true
  }

  #context(): AttemptContext {
    const { known, user, method, handshakeMs } = this.#target
    const offered = 'key' in method ? 'the private key' : 'every key of the ssh agent'
    return { known, user, offered, handshakeMs, sawHandshake: this.#sawHandshake }
  }
}

function authMethod({ user, method }: LoginTarget): AnyAuthMethod {
  if ('key' in method) {
    // The types know key text only; ssh2 also takes what its own parseKey made, and so does not decrypt again.
    return { type: 'publickey', username: user, key: method.key as unknown as Buffer }
  }
  return { type: 'agent', username: user, agent: new Sha2Agent(method.agentSocket) }
}

/** A TCP socket without Nagle's delay. @throws what net.connect does, as it is */
export function openSocket(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    // 91 → 3.6 ms a command: ssh2 does not do this by itself.
    socket.setNoDelay(true)
    const giveUp = () => socket.destroy(new Error('given up'))
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once('error', reject)
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.off('error', reject).on('error', () => {})
      resolve(socket)
    })
  })
}
