import type { Duplex } from 'node:stream'
import type { HostConfig } from '../config/schema'
import type { Clock } from '../engine/clock'
import { ConfigError, ConnectError, LoginRefused } from '../errors'
import { inputWord } from '../show/input-words'
import type { KnownKeys } from './host-key'
import { JumpPool } from './jump-pool'
import { type KnownHostLine, parseKnownHosts } from './known-hosts'
import { localDialer } from './local'
import { AttemptFailed } from './login-failure'
import { type Credentials, type LoginMethod, loginMethod } from './login-key'
import type { OpensshTransport } from './openssh'
import { OpensshDialer } from './openssh-dialer'
import { proxyCommandThrough } from './openssh-options'
import type { Dialer, Transport } from './remote'
import { RETRY, type RetryPolicy } from './retry'
import { type PresentedKey, scanHostKeys } from './scan'
import { SSH_SETTINGS, SshDialer, type SshSettings } from './ssh-dialer'
import { openSocket } from './ssh-login'

/** What of a host's configuration a connection depends on. */
export type ReachableHost = Pick<HostConfig, 'name' | 'address' | 'port' | 'user' | 'transport' | 'jump' | 'hostKey'>

/** What all hosts of a run share. */
export interface DialersOptions {
  readonly credentials: Credentials
  /** Text of the input `known-hosts`; empty where only pins are used. */
  readonly knownHosts: string
  readonly clock: Clock
  /** Path of an ssh_config, for `transport: openssh` only. Null: none is read, not even the user's own. */
  readonly sshConfigPath?: string | null
  readonly settings?: Partial<SshSettings>
  readonly retry?: Partial<RetryPolicy>
}

/** Makes the dialers of one run. Hosts behind the same jump host share one connection to it. */
export class Dialers {
  readonly #clock: Clock
  readonly #lines: readonly KnownHostLine[]
  readonly #method: LoginMethod | null
  readonly #retry: RetryPolicy
  readonly #settings: SshSettings
  readonly #options: DialersOptions
  readonly #jumps = new JumpPool<Transport>()
  readonly #opensshJumps = new JumpPool<OpensshTransport>()

  /** @throws ConfigError for a key that cannot be read or damaged known-hosts lines */
  constructor(options: DialersOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#lines = parseKnownHosts(options.knownHosts)
    this.#method = loginMethod(options.credentials)
    this.#retry = { ...RETRY, ...options.retry }
    this.#settings = { ...SSH_SETTINGS, ...options.settings }
  }

  /**
   * @param hosts where the host's jump host, and that one's own, are looked up by name
   * @throws LoginRefused when there is nothing to log in with, ConfigError when the jump host is unknown or leads back to itself
   */
  for(host: ReachableHost, hosts: ReadonlyMap<string, ReachableHost>): Dialer {
    if (host.transport === 'local') return localDialer()
    if (host.transport === 'openssh') return this.#openssh(host, hosts, [host.name])
    return this.#ssh(host, hosts, [host.name])
  }

  /** What `host` presents as its keys, for `pitstop pin`; a jump host on the way is verified. @throws ConnectError */
  scan(
    host: ReachableHost,
    hosts: ReadonlyMap<string, ReachableHost>,
    signal: AbortSignal,
  ): Promise<readonly PresentedKey[]> {
    return scanHostKeys(host, this.#way(host, hosts, [host.name]), signal)
  }

  #ssh(host: ReachableHost, hosts: ReadonlyMap<string, ReachableHost>, path: readonly string[]): SshDialer {
    return new SshDialer({
      known: knownKeys(host, this.#lines),
      user: host.user,
      method: this.#requireMethod(),
      clock: this.#clock,
      retry: this.#retry,
      settings: this.#settings,
      open: this.#way(host, hosts, path),
    })
  }

  /** A jump host is reached by the same transport as the host behind it. */
  #openssh(host: ReachableHost, hosts: ReadonlyMap<string, ReachableHost>, path: readonly string[]): OpensshDialer {
    return new OpensshDialer({
      known: knownKeys(host, this.#lines),
      user: host.user,
      credentials: this.#options.credentials,
      knownHostsText: this.#options.knownHosts,
      configPath: this.#options.sshConfigPath ?? null,
      clock: this.#clock,
      retry: this.#retry,
      settings: this.#settings,
      jump: host.jump === null ? null : this.#opensshWay(host, hosts, path),
    })
  }

  #opensshWay(host: ReachableHost, hosts: ReadonlyMap<string, ReachableHost>, path: readonly string[]) {
    const jump = jumpOf(host, hosts, path)
    const dialer = this.#openssh(jump, hosts, [...path, jump.name])
    return async (signal: AbortSignal) => {
      const loan = await this.#opensshJumps.borrow(jump.name, (stop) => dialer.connect(stop), signal).catch(asFinal)
      const proxyCommand = proxyCommandThrough(loan.transport.target, host.address, host.port)
      return { proxyCommand, release: loan.release }
    }
  }

  #way(host: ReachableHost, hosts: ReadonlyMap<string, ReachableHost>, path: readonly string[]) {
    const { address, port } = host
    if (host.jump === null) return (signal: AbortSignal): Promise<Duplex> => openSocket(address, port, signal)
    const jump = jumpOf(host, hosts, path)
    const dialer = this.#ssh(jump, hosts, [...path, jump.name])
    return async (signal: AbortSignal): Promise<Duplex> => {
      const loan = await this.#jumps.borrow(jump.name, (stop) => dialer.connect(stop), signal).catch(asFinal)
      try {
        const socket = await loan.transport.dial(address, port)
        socket.once('close', loan.release)
        return socket
      } catch (error) {
        loan.release()
        throw error
      }
    }
  }

  #requireMethod(): LoginMethod {
    if (this.#method !== null) return this.#method
    throw new LoginRefused('there is nothing to log in with', {
      hint: `give ${inputWord('privateKey')}, or run where an ssh agent answers at SSH_AUTH_SOCK`,
    })
  }
}

/** The dialer of the jump host made its own tries, and a refused key or login is never tried again. */
function asFinal(error: unknown): never {
  throw error instanceof ConnectError ? new AttemptFailed('final', error) : error
}

/** The jump host of `host`. @throws ConfigError */
function jumpOf(
  host: ReachableHost,
  hosts: ReadonlyMap<string, ReachableHost>,
  path: readonly string[],
): ReachableHost {
  const jump = host.jump === null ? undefined : hosts.get(host.jump)
  if (jump === undefined)
    throw new ConfigError([{ message: `${host.name}: its jump host ${host.jump} is not in the file` }])
  if (path.includes(jump.name)) {
    throw new ConfigError([{ message: `jump hosts lead in a circle: ${[...path, jump.name].join(' → ')}` }])
  }
  return jump
}

/** What is known of the host's key before it is met. */
function knownKeys(host: ReachableHost, lines: readonly KnownHostLine[]): KnownKeys {
  return { name: host.name, address: host.address, port: host.port, pins: host.hostKey, lines }
}

export interface DialerOptions extends DialersOptions {
  readonly host: ReachableHost
  /** The host that `host.jump` names. */
  readonly jump?: ReachableHost
}

/** The dialer of one host by itself. @throws ConfigError as `Dialers` does */
export function createDialer({ host, jump, ...shared }: DialerOptions): Dialer {
  const hosts = new Map([host, ...(jump === undefined ? [] : [jump])].map((h) => [h.name, h]))
  return new Dialers(shared).for(host, hosts)
}
