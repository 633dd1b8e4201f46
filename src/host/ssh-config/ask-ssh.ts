import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pLimit from 'p-limit'

/** What an ssh_config says of one address; null: it says nothing of it. */
export interface SshSays {
  readonly hostName: string | null
  readonly user: string | null
  readonly port: number | null
  /** The first `IdentityFile`, `~` as written. */
  readonly identityFile: string | null
  readonly proxyJump: string | null
}

/** Stand where the ssh_config sets nothing: the first value that ssh meets is the one that counts. */
const NOTHING = { user: 'pitstop-nobody-said', port: '1', identityFile: '/dev/null/nobody-said' } as const

/**
 * Asks `ssh -G` itself, which knows Host, Match and Include best. It connects nowhere.
 * @returns what is said of each address, or why it could not be asked
 */
export async function askSsh(
  configPath: string,
  addresses: readonly string[],
): Promise<ReadonlyMap<string, SshSays> | { readonly why: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-ssh-'))
  try {
    const path = join(folder, 'config')
    const last = `Host *\nUser ${NOTHING.user}\nPort ${NOTHING.port}\nIdentityFile ${NOTHING.identityFile}\n`
    writeFileSync(path, `Include "${configPath}"\n${last}`, { mode: 0o600 })
    const limit = pLimit(8)
    const said = addresses.map((address) => limit(async () => [address, await askOne(path, address)] as const))
    return new Map(await Promise.all(said))
  } catch (error) {
    return { why: error instanceof Error ? (error.message.trim().split('\n').at(-1) ?? '') : String(error) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function askOne(configPath: string, address: string): Promise<SshSays> {
  const { stdout } = await promisify(execFile)('ssh', ['-F', configPath, '-G', '--', address], {
    timeout: 10_000,
    maxBuffer: 2 ** 20,
    encoding: 'utf8',
  })
  const first = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    const [, key, value] = /^(\S+) (.+)$/.exec(line) ?? []
    if (key !== undefined && value !== undefined && !first.has(key)) first.set(key, value)
  }
  const set = (key: string, nothing: string): string | null => {
    const value = first.get(key) ?? nothing
    return value === nothing ? null : value
  }
  const port = set('port', NOTHING.port)
  return {
    hostName: set('hostname', address),
    user: set('user', NOTHING.user),
    port: port === null ? null : Number(port),
    identityFile: set('identityfile', NOTHING.identityFile),
    proxyJump: set('proxyjump', 'none'),
  }
}
