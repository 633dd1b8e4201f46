import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { requireCommand } from './run-command'

export interface HostKey {
  /** As `ssh-keygen -l` prints it: `SHA256:` and unpadded base64. */
  readonly fingerprint: string
  /** One line of a known_hosts file. */
  readonly knownHosts: string
}

/** Makes the ed25519 key of a host at `path` and says how it is recognised at `address`. */
export async function makeHostKey(path: string, name: string, address: string): Promise<HostKey> {
  await requireCommand('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path])
  const [type = '', blob = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ')
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')
  return { fingerprint: `SHA256:${digest}`, knownHosts: `${address} ${type} ${blob}` }
}
