import { accessSync, constants } from 'node:fs'
import type { Inputs } from './action/inputs'
import type { HostConfig } from './config/schema'
import type { Clock } from './engine/clock'
import { ConfigError } from './errors'
import { Dialers } from './host/dialer'
import { inputWord } from './show/input-words'

/** What the hosts of a run are reached with. */
export interface Access {
  readonly dialers: Dialers
  /** Why this host cannot be logged in to, known before anybody tries; null: worth a try. */
  closedTo(host: HostConfig): string | null
}

/**
 * Inputs to dialers. A key or known hosts that nobody can use are no fault of the file: they close the hosts that need them.
 * @throws ConfigError for an ssh_config that is not there
 */
export function accessOf(inputs: Inputs, agentSocket: string | null, clock: Clock): Access {
  const credentials = {
    ...(inputs.sshPrivateKey === null ? {} : { privateKey: inputs.sshPrivateKey }),
    ...(inputs.sshKeyPassphrase === null ? {} : { passphrase: inputs.sshKeyPassphrase }),
    ...(agentSocket === null ? {} : { agentSocket }),
  }
  const sshConfigPath = readable(inputs.sshConfig)
  const noCredentials = inputs.sshPrivateKey === null && agentSocket === null
  try {
    const dialers = new Dialers({ credentials, knownHosts: inputs.knownHosts ?? '', sshConfigPath, clock })
    return { dialers, closedTo: (host) => (host.transport === 'ssh' ? missing(inputs, noCredentials, host) : null) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const why = [error.message, ...(error.hint === undefined ? [] : [error.hint])].join('; ')
    const dialers = new Dialers({ credentials: {}, knownHosts: '', sshConfigPath, clock })
    return { dialers, closedTo: (host) => (host.transport === 'local' ? null : why) }
  }
}

/** `ssh` itself would name it for each host, as if the host were not reached. */
function readable(sshConfig: string | null): string | null {
  if (sshConfig === null) return null
  try {
    accessSync(sshConfig, constants.R_OK)
    return sshConfig
  } catch {
    throw new ConfigError([{ path: 'ssh-config', message: `the file ${sshConfig} cannot be read` }])
  }
}

function missing(inputs: Inputs, noCredentials: boolean, host: HostConfig): string | null {
  if (noCredentials)
    return `there is nothing to log in with: give ${inputWord('privateKey')}, or run where an ssh agent answers`
  if (inputs.knownHosts !== null || host.hostKey.length > 0) return null
  return `no host key is known: give ${inputWord('knownHosts')}, or a host_key for each host (\`node dist/cli.js pin\` shows them)`
}
