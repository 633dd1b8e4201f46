import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa'

export interface KeyPair {
  readonly path: string
  readonly privateKey: string
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string
  /** `SHA256:…` as ssh-keygen prints it: an authority besides our own code. */
  readonly fingerprint: string
}

export interface SshdOptions {
  readonly hostKeys?: readonly KeyType[]
  /** Host keys of another server, to stand in for it. */
  readonly hostKeysOf?: Sshd
  /** Public keys that may log in besides `clientKey`. */
  readonly authorized?: readonly string[]
  /** Path of the private key of an authority: host keys get certificates from it, for 127.0.0.1. */
  readonly certifyHostKey?: string
  /** Run through this shell as if it were the login shell: `fish`, `csh`. */
  readonly loginShell?: string
  /** Further lines of sshd_config: `MaxStartups 2:100:2`. They win over ours. */
  readonly config?: readonly string[]
  readonly port?: number
}

export interface Sshd {
  readonly port: number
  readonly user: string
  readonly folder: string
  readonly clientKey: KeyPair
  readonly hostKeys: readonly KeyPair[]
  /** Lines of known_hosts for 127.0.0.1, one a host key. */
  readonly knownHosts: string
  /** Of the first host key. */
  readonly hostKeyLine: string
  readonly fingerprint: string
  /** What sshd logged so far. */
  log(): string
  /** Ends sshd and every session of it; frees the port. */
  stop(): Promise<void>
}

const SSHD = '/usr/sbin/sshd'

/** Why there can be no sshd here, or null. For `skipIf`: CI installs openssh-server. */
export function noSshd(): string | null {
  if (!existsSync(SSHD)) return 'openssh-server is not installed'
  return null
}

export function makeFolder(prefix = 'pitstop-sshd-'): string {
  return mkdtempSync(join(tmpdir(), prefix))
}

export function makeKey(folder: string, name: string, type: KeyType = 'ed25519', passphrase = ''): KeyPair {
  const path = join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path])
  const publicKey = readFileSync(`${path}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ')
  const listed = execFileSync('ssh-keygen', ['-l', '-E', 'sha256', '-f', `${path}.pub`], { encoding: 'utf8' })
  return { path, privateKey: readFileSync(path, 'utf8'), publicKey, fingerprint: listed.split(' ')[1] ?? '' }
}

/** A plain sshd on 127.0.0.1, as root or not, with keys and settings of its own in a new folder. Installs nothing. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = makeFolder()
  const clientKey = makeKey(folder, 'client')
  const hostKeys =
    options.hostKeysOf?.hostKeys ?? (options.hostKeys ?? ['ed25519']).map((t) => makeKey(folder, `host_${t}`, t))
  const port = options.port ?? (await freePort())
  if (options.certifyHostKey !== undefined) for (const key of hostKeys) certify(options.certifyHostKey, key.path)
  writeFileSync(join(folder, 'authorized'), [clientKey.publicKey, ...(options.authorized ?? []), ''].join('\n'))
  writeFileSync(join(folder, 'config'), configText(folder, port, hostKeys, options))
  // sshd wants its empty folder for privilege separation when it runs as root.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true })
  const { child, log } = await launch(folder, port)
  const host = port === 22 ? '127.0.0.1' : `[127.0.0.1]:${port}`
  const lines = hostKeys.map((k) => `${host} ${k.publicKey}`)
  return {
    port,
    user: userInfo().username,
    folder,
    clientKey,
    hostKeys,
    knownHosts: `${lines.join('\n')}\n`,
    hostKeyLine: lines[0] ?? '',
    fingerprint: hostKeys[0]?.fingerprint ?? '',
    log,
    stop: () => stop(child, folder),
  }
}

/** Writes `<key>-cert.pub` beside the key. */
function certify(authority: string, key: string): void {
  execFileSync('ssh-keygen', [
    '-q',
    '-s',
    authority,
    '-I',
    'host',
    '-h',
    '-n',
    '127.0.0.1',
    '-V',
    '-1d:+1d',
    `${key}.pub`,
  ])
}

function configText(folder: string, port: number, hostKeys: readonly KeyPair[], options: SshdOptions): string {
  return [
    // The first value of a keyword counts in sshd_config.
    ...(options.config ?? []),
    ...(options.loginShell === undefined ? [] : [shellLine(folder, options.loginShell)]),
    'ListenAddress 127.0.0.1',
    `Port ${port}`,
    ...hostKeys.map((k) => `HostKey ${k.path}`),
    ...(options.certifyHostKey === undefined ? [] : hostKeys.map((k) => `HostCertificate ${k.path}-cert.pub`)),
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    `PidFile ${join(folder, 'pid')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'StrictModes no',
    'UsePAM no',
    // An empty home: start files of whoever runs the tests must not slow commands down or talk into their output.
    `SetEnv HOME=${folder}`,
    'UseDNS no',
    'LogLevel VERBOSE',
    'MaxStartups 100',
    ...(supports('PerSourcePenalties=no') ? ['PerSourcePenalties no'] : []),
    '',
  ].join('\n')
}

/** The shell is started the way sshd starts a login shell: `SHELL -c COMMAND`. No user has to be made for it. */
function shellLine(folder: string, shell: string): string {
  const wrapper = join(folder, 'login-shell')
  writeFileSync(wrapper, `#!/bin/sh\nexec ${shell} -c "$SSH_ORIGINAL_COMMAND"\n`)
  chmodSync(wrapper, 0o755)
  return `ForceCommand ${wrapper}`
}

function supports(option: string): boolean {
  const folder = makeFolder()
  const key = makeKey(folder, 'k')
  const result = spawnSync(SSHD, ['-t', '-f', '/dev/null', '-h', key.path, '-o', option])
  rmSync(folder, { recursive: true, force: true })
  return result.status === 0
}

const KEEPER = 'd=$1; shift; "$@" </dev/null & cat >/dev/null; rm -rf "$d"; kill -TERM 0'

async function launch(folder: string, port: number): Promise<{ child: ChildProcess; log: () => string }> {
  // A group of its own: `stop` then ends the sessions too, and nothing else. Its end of the pipe closes with our process,
  // however that ends: no sshd and no folder is left behind by a test that was cut.
  const args = ['-c', KEEPER, 'sh', folder, SSHD, '-D', '-e', '-f', join(folder, 'config')]
  const child = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'pipe'] })
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const log = () => text
  await new Promise<void>((resolve, reject) => {
    const fail = () => reject(new Error(`sshd did not listen on port ${port}:\n${text}`))
    const timer = setTimeout(fail, 10_000)
    child.once('exit', fail)
    child.stderr?.on('data', () => {
      if (!text.includes('Server listening')) return
      clearTimeout(timer)
      child.off('exit', fail)
      resolve()
    })
  })
  return { child, log }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    process.kill(-child.pid, 'SIGTERM')
    await gone
  }
  rmSync(folder, { recursive: true, force: true })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
