import type { ChildProcess } from 'node:child_process'
import { getExecOutput } from '@actions/exec'
import type { Clock } from '../engine/clock'
import { ConfigError, ConnectError, LoginRefused } from '../errors'
import { childEnv } from './child-env'
import { hostKeyError, judgeKey, type KnownKeys } from './host-key'
import { fingerprint, keyTypeOf } from './known-hosts'
import { AttemptFailed } from './login-failure'
import type { Credentials } from './login-key'
import { isListening, OpensshTransport } from './openssh'
import { OpensshFolder } from './openssh-folder'
import { startMaster } from './openssh-master'
import type { OpensshTarget } from './openssh-options'
import type { Dialer } from './remote'
import { pauseBeforeRetry, type RetryPolicy } from './retry'
import type { SshSettings } from './ssh-dialer'

export interface OpensshDialerOptions {
  readonly known: KnownKeys
  readonly user: string
  readonly credentials: Credentials
  readonly knownHostsText: string
  /** Path of an ssh_config; null: none is read. */
  readonly configPath: string | null
  readonly clock: Clock
  readonly retry: RetryPolicy
  readonly settings: SshSettings
  /** The way through a jump host: its proxy command, and what to do when the connection is over. */
  readonly jump: ((signal: AbortSignal) => Promise<{ proxyCommand: string; release: () => void }>) | null
}

/** Connections by the runner's `ssh`: certificates, hardware keys and post-quantum key exchange, which ssh2 has not. */
export class OpensshDialer implements Dialer {
  readonly #options: OpensshDialerOptions
  #metPin: string | undefined

  constructor(options: OpensshDialerOptions) {
    this.#options = options
  }

  async connect(
    signal: AbortSignal,
    options: { attempts?: number; handshakeMs?: number } = {},
  ): Promise<OpensshTransport> {
    const { clock, retry, settings } = this.#options
    const policy = { ...retry, attempts: options.attempts ?? retry.attempts }
    await requireOpenssh()
    for (let failed = 1; ; failed++) {
      try {
        return await this.#attempt(options.handshakeMs ?? settings.handshakeMs, signal)
      } catch (error) {
        if (!(error instanceof AttemptFailed)) throw error
        const pauseMs = pauseBeforeRetry(policy, error.why, failed, Math.random())
        if (pauseMs === null) throw error.error
        await clock.sleep(pauseMs, signal)
      }
    }
  }

  /** A pin names a key, not its type: a host that shows another one first is asked again without that type. */
  async #attempt(handshakeMs: number, signal: AbortSignal): Promise<OpensshTransport> {
    const without: string[] = []
    let first: AttemptFailed | undefined
    for (;;) {
      const result = await this.#login(without, handshakeMs, signal)
      if (result instanceof OpensshTransport) return result
      first ??= result.failed
      const { mismatched } = result
      if (mismatched === null || without.includes(mismatched) || this.#known().pins.length === 0) throw first
      without.push(mismatched)
    }
  }

  /** H17: once met, the host must show this very key for the rest of the run. */
  #known(): KnownKeys {
    const { known } = this.#options
    return this.#metPin === undefined ? known : { ...known, pins: [this.#metPin] }
  }

  async #login(
    withoutTypes: readonly string[],
    handshakeMs: number,
    signal: AbortSignal,
  ): Promise<OpensshTransport | { failed: AttemptFailed; mismatched: string | null }> {
    signal.throwIfAborted()
    const { user, credentials, configPath, knownHostsText, settings, jump } = this.#options
    const known = this.#known()
    const hasPassphrase = credentials.privateKey !== undefined && (credentials.passphrase ?? '') !== ''
    const way = await jump?.(signal)
    const folder = await OpensshFolder.make({
      known,
      knownHostsText: configPath === null ? null : knownHostsText,
      privateKey: credentials.privateKey ?? null,
      hasPassphrase,
    })
    const target: OpensshTarget = {
      address: known.address,
      port: known.port,
      user,
      folder: folder.path,
      hasKey: credentials.privateKey !== undefined,
      hasPassphrase,
      configPath,
      keepaliveMs: settings.keepaliveMs,
      keepaliveTries: settings.keepaliveTries,
      withoutTypes,
      proxyCommand: way?.proxyCommand ?? null,
    }
    const master = startMaster(
      target,
      loginEnv(credentials, folder.path),
      hasPassphrase ? (credentials.passphrase ?? null) : null,
    )
    master.process.once('exit', () => way?.release()).once('error', () => way?.release())
    const end = await this.#settle(master.process, `${folder.path}/c`, handshakeMs, signal)
    await folder.forgetKey()
    const met = (await folder.met()).at(-1)
    if (end === 'ready' && met !== undefined) {
      this.#metPin = fingerprint(met)
      return new OpensshTransport(known.name, target, folder, master)
    }
    master.kill()
    await folder[Symbol.asyncDispose]()
    signal.throwIfAborted()
    return this.#explain(known, end, met, master.said())
  }

  /** Until the control socket answers (which ssh opens after the login), ssh ends, time is over or we are stopped. */
  async #settle(
    master: ChildProcess,
    socket: string,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<'ready' | 'ended' | 'late'> {
    const ended = new Promise<'ended'>((resolve) => {
      master.once('exit', () => resolve('ended')).once('error', () => resolve('ended'))
    })
    const until = performance.now() + deadlineMs
    while (!signal.aborted && performance.now() < until) {
      const next = await Promise.race([ended, new Promise<'again'>((resolve) => setTimeout(resolve, 20, 'again'))])
      if (next === 'ended') return 'ended'
      if (await isListening(socket)) return 'ready'
    }
    return 'late'
  }

  /**
   * By what was met, not by what ssh printed: no key met, the host was not reached; a key that we would refuse, it was
   * refused; else ssh ended after the key was accepted, which counts as a refused login and is never tried again.
   */
  #explain(known: KnownKeys, end: 'ready' | 'ended' | 'late', met: Buffer | undefined, said: string) {
    const quote = said === '' ? '' : ` (ssh said: ${said})`
    if (met === undefined || end === 'late') {
      const what = end === 'late' ? 'no complete login in time' : 'the host was not reached'
      const error = new ConnectError(
        `${known.name}: no SSH connection to ${known.address} port ${known.port}: ${what}${quote}`,
        {
          hint: 'check address and port, and that sshd runs and the firewall lets the runner in',
        },
      )
      return { failed: new AttemptFailed(end === 'late' ? 'timeout' : 'refused', error), mismatched: null }
    }
    const verdict = judgeKey(known, met)
    const isCertificate = keyTypeOf(met).includes('-cert-')
    if (!verdict.trusted && !isCertificate) {
      const mismatched = verdict.why === 'changed' || verdict.why === 'disagree' ? keyTypeOf(met) : null
      return { failed: new AttemptFailed('final', hostKeyError(known, met, verdict.why)), mismatched }
    }
    const error = new LoginRefused(
      `${known.name}: ssh ended before the login as ${this.#options.user} was complete${quote}`,
      {
        hint: `add the public half of the key to authorized_keys of ${this.#options.user}, or correct ssh.user`,
      },
    )
    return { failed: new AttemptFailed('final', error), mismatched: null }
  }
}

function loginEnv({ privateKey, passphrase, agentSocket }: Credentials, folder: string): Record<string, string> {
  if (privateKey === undefined) return agentSocket === undefined ? {} : { SSH_AUTH_SOCK: agentSocket }
  if ((passphrase ?? '') === '') return {}
  return { SSH_ASKPASS: `${folder}/askpass`, SSH_ASKPASS_REQUIRE: 'force' }
}

let version: Promise<readonly [number, number] | null> | undefined

/** KnownHostsCommand came with OpenSSH 8.5. @throws ConfigError */
async function requireOpenssh(): Promise<void> {
  version ??= opensshVersion()
  const found = await version
  if (found !== null && (found[0] > 8 || (found[0] === 8 && found[1] >= 5))) return
  const what = found === null ? 'there is no OpenSSH on this runner' : `this runner has OpenSSH ${found.join('.')}`
  throw new ConfigError([{ message: `transport openssh needs OpenSSH 8.5 or later; ${what}` }], {
    hint: 'install openssh-client on the runner, or use transport: ssh',
  })
}

async function opensshVersion(): Promise<readonly [number, number] | null> {
  const options = { silent: true, ignoreReturnCode: true, env: childEnv(process.env) }
  const output = await getExecOutput('ssh', ['-V'], options).catch(() => null)
  const match = /OpenSSH_(\d+)\.(\d+)/.exec(output?.stderr ?? '')
  return match === null ? null : [Number(match[1]), Number(match[2])]
}
