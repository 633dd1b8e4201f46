import { sh } from '../shell/sh'

/** Everything the command line of `ssh` depends on. Values were matched against strict patterns when the file was read. */
export interface OpensshTarget {
  readonly address: string
  readonly port: number
  readonly user: string
  /** A private folder: control socket `c`, `known_hosts`, `check`, `met`, and for the login `key` and `askpass`. */
  readonly folder: string
  readonly hasKey: boolean
  readonly hasPassphrase: boolean
  /** Path of an ssh_config; null: none is read, not even the user's own. */
  readonly configPath: string | null
  readonly keepaliveMs: number
  readonly keepaliveTries: number
  /** Host key types that are not to be asked for again. */
  readonly withoutTypes: readonly string[]
  /** How to reach the host when not by TCP from here. */
  readonly proxyCommand: string | null
}

/** Arguments of the one `ssh` that holds the connection (a control master without a command). */
export function masterArguments(t: OpensshTarget): string[] {
  return [
    '-M',
    '-N',
    '-T',
    '-S',
    `${t.folder}/c`,
    '-F',
    t.configPath ?? 'none',
    ...options(masterOptions(t)),
    ...destination(t),
  ]
}

/** Arguments of one command over the control master. Without it the command fails: `false` can connect nowhere. */
export function channelArguments(t: OpensshTarget, command: string): string[] {
  return [...overMaster(t), '-T', ...destination(t), command]
}

/** Asks the control master of `t` whether it lives (`check`), or tells it to end (`exit`). */
export function controlArguments(t: OpensshTarget, order: 'check' | 'exit'): string[] {
  return ['-O', order, ...overMaster(t), ...destination(t)]
}

/** For `ProxyCommand` of a host behind `jump`. ssh expands `%`, writes `exec` before it and gives it to a shell. */
export function proxyCommandThrough(jump: OpensshTarget, address: string, port: number): string {
  const to = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return sh`ssh ${[...overMaster(jump), '-W', to, ...destination(jump)]}`.text.replaceAll('%', '%%')
}

function overMaster(t: OpensshTarget): string[] {
  const only = ['ControlMaster=no', 'ProxyCommand=false', 'BatchMode=yes']
  return ['-q', '-S', `${t.folder}/c`, '-F', 'none', ...options(only)]
}

/** `--` ends the options: an address can be no option (H6), whatever the patterns let through. */
function destination({ user, port, address }: OpensshTarget): string[] {
  return ['-l', user, '-p', String(port), '--', address]
}

function options(list: readonly string[]): string[] {
  return list.flatMap((option) => ['-o', option])
}

function masterOptions(t: OpensshTarget): string[] {
  return [
    // A passphrase can only be asked for outside batch mode; nothing else is asked (see below).
    `BatchMode=${t.hasPassphrase ? 'no' : 'yes'}`,
    'PreferredAuthentications=publickey',
    'PasswordAuthentication=no',
    'KbdInteractiveAuthentication=no',
    'NumberOfPasswordPrompts=1',
    ...(t.hasKey ? [`IdentityFile=${quoted(`${t.folder}/key`)}`, 'IdentitiesOnly=yes', 'IdentityAgent=none'] : []),
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${quoted(`${t.folder}/known_hosts`)}`,
    'GlobalKnownHostsFile=/dev/null',
    `KnownHostsCommand=/bin/sh ${quoted(`${t.folder}/check`)} %I %H %t %f %K`,
    'CheckHostIP=no',
    'UpdateHostKeys=no',
    'VerifyHostKeyDNS=no',
    // No SHA-1 signatures and MACs (H17). A list that begins with a minus keeps the order of known key types.
    `HostKeyAlgorithms=-${['ssh-rsa', 'ssh-rsa-cert-v01@openssh.com', 'ssh-dss*', ...t.withoutTypes.map(algorithmsOf)].join(',')}`,
    'MACs=-hmac-sha1*',
    'ForwardAgent=no',
    'ForwardX11=no',
    'ClearAllForwardings=yes',
    // A few bytes of a hostile host must not become gigabytes here.
    'Compression=no',
    'PermitLocalCommand=no',
    'LogLevel=ERROR',
    `ServerAliveInterval=${Math.max(1, Math.round(t.keepaliveMs / 1000))}`,
    `ServerAliveCountMax=${t.keepaliveTries}`,
    'ConnectTimeout=15',
    'ConnectionAttempts=1',
    ...(t.proxyCommand === null ? [] : [`ProxyCommand=${t.proxyCommand}`]),
  ]
}

function algorithmsOf(keyType: string): string {
  return keyType === 'ssh-rsa' ? 'rsa-sha2-256,rsa-sha2-512' : keyType
}

/** A path for ssh's own configuration: double quotes around it, and `%` doubled against expansion. */
function quoted(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`
}
