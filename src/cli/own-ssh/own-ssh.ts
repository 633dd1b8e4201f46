import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Inputs } from '../../action/inputs'
import type { MaintenanceFile } from '../../config/schema'
import { isEncrypted } from '../../host/login-key'
import { askSsh, type SshSays } from '../../host/ssh-config/ask-ssh'
import { ownKnownHosts } from './known-hosts'
import { layUnder } from './lay-under'

/** The ssh settings of whoever started the command, for what the command line was not told. */
export interface OwnSsh {
  readonly inputs: Inputs
  /** Lays `~/.ssh/config` under the file. */
  readonly lay: (file: MaintenanceFile) => MaintenanceFile
  /** What was read, for people. */
  readonly notes: readonly string[]
}

/**
 * Reads `~/.ssh/known_hosts` and `~/.ssh/config`, each where the command line gives nothing in its place. Never in the action.
 * @param file null: it cannot be read, and the run says why
 */
export async function ownSsh(inputs: Inputs, file: MaintenanceFile | null, env: NodeJS.ProcessEnv): Promise<OwnSsh> {
  const home = env.HOME ?? ''
  if (home === '') return { inputs, lay: (same) => same, notes: [] }
  const knownHosts = inputs.knownHosts ?? ownKnownHosts(home)
  const notes = knownHosts === inputs.knownHosts ? [] : ['known hosts: ~/.ssh/known_hosts']
  const config = join(home, '.ssh/config')
  if (file === null || !existsSync(config)) return { inputs: { ...inputs, knownHosts }, lay: (same) => same, notes }
  const hosts = [...file.hosts.values()].filter((host) => host.transport === 'ssh')
  const said = await askSsh(config, [...new Set(hosts.map((host) => host.address))])
  if (!(said instanceof Map))
    return {
      inputs: { ...inputs, knownHosts },
      lay: (same) => same,
      notes: [...notes, `~/.ssh/config is not used: ${(said as { why: string }).why}`],
    }
  const key = inputs.sshPrivateKey === null ? keyOf([...said.values()], home, inputs) : null
  const { notes: laid } = layUnder(file, said)
  return {
    inputs: {
      ...inputs,
      knownHosts,
      sshPrivateKey: key?.text ?? inputs.sshPrivateKey,
      // The openssh transport reads it by itself, whole.
      sshConfig: inputs.sshConfig ?? config,
    },
    lay: (one) => layUnder(one, said).file,
    notes: [...notes, ...laid.map((note) => `~/.ssh/config: ${note}`), ...(key === null ? [] : [key.note])],
  }
}

/** The one key that all hosts have there. One that is protected is the agent's to use, unless its passphrase was given. */
function keyOf(said: readonly SshSays[], home: string, inputs: Inputs): { text: string; note: string } | null {
  const [path, ...others] = [...new Set(said.map(({ identityFile }) => identityFile))]
  if (path === null || path === undefined || others.length > 0) return null
  try {
    const text = readFileSync(path.replace(/^~(?=\/)/, home), 'utf8')
    if (isEncrypted(text) && inputs.sshKeyPassphrase === null) return null
    return { text, note: `~/.ssh/config: IdentityFile ${path}` }
  } catch {
    // As ssh itself: a key that is not there is passed over.
    return null
  }
}
