import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serveAptRepository } from './apt-repository'
import { ensureBase } from './base'
import { LabHost, type LabHostOptions } from './lab-host'
import { buildNetwork, runnerAddress } from './network'
import { type CommandOptions, type CommandResult, runCommand } from './run-command'
import { registerRun, removeRun } from './run-registry'

export type LabLogin = 'root' | 'maint' | 'pw' | 'nosudo'

/** Real hosts on a network of their own. Everything of it goes when it is disposed of. */
export interface Lab extends AsyncDisposable {
  readonly id: string
  /** Where the hosts reach services of the tests. */
  readonly runnerAddress: string
  /** Opens every login of every host. */
  readonly privateKeyFile: string
  /** known_hosts file with the keys of all hosts. */
  readonly knownHostsFile: string
  readonly hosts: readonly LabHost[]
  /** @throws for a name that the lab does not have */
  host(name: string): LabHost
  /** A further host, up when this resolves. */
  addHost(name: string, options?: LabHostOptions): Promise<LabHost>
  /** One command with OpenSSH, host key checked: a witness that does not depend on Pitstop's own connections. */
  ssh(name: string, login: LabLogin, command: string, options?: CommandOptions): Promise<CommandResult>
  /** The words before the command: `ssh ...sshArguments(...) 'command'`. */
  sshArguments(name: string, login: LabLogin): readonly string[]
}

/** Starts hosts with these names, all at once, and waits until each is up. */
export async function startLab(names: readonly string[], options: LabHostOptions = {}): Promise<Lab> {
  const base = await ensureBase()
  const run = await registerRun()
  try {
    await buildNetwork(run)
    const repository = await serveAptRepository(base.packages, runnerAddress(run))
    const hosts: LabHost[] = []
    let made = 0
    const knownHostsFile = join(run.folder, 'known_hosts')

    const find = (name: string) => {
      const host = hosts.find((host) => host.name === name)
      if (host === undefined)
        throw new Error(`the lab has no host ${name}, only ${hosts.map((host) => host.name).join(' ')}`)
      return host
    }
    const add = async (name: string, more: LabHostOptions) => {
      const host = await LabHost.create(run, base, repository, ++made, name, more)
      hosts.push(host)
      return host
    }
    const settle = async () => {
      await writeFile(knownHostsFile, hosts.map((host) => `${host.hostKey.knownHosts}\n`).join(''))
      await Promise.all(hosts.map((host) => host.whenUp()))
    }
    const sshArguments = (name: string, login: LabLogin) => [
      ...['-F', 'none', '-i', base.privateKeyFile, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
      ...['-o', `UserKnownHostsFile=${knownHostsFile}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'ConnectTimeout=5'],
      ...['-l', login, '--', find(name).address],
    ]

    await Promise.all(names.map((name) => add(name, options)))
    hosts.sort((one, other) => names.indexOf(one.name) - names.indexOf(other.name))
    await settle()
    return {
      id: run.id,
      runnerAddress: runnerAddress(run),
      privateKeyFile: base.privateKeyFile,
      knownHostsFile,
      hosts,
      host: find,
      async addHost(name, more = {}) {
        const host = await add(name, more)
        await settle()
        return host
      },
      ssh: (name, login, command, how = {}) => runCommand('ssh', [...sshArguments(name, login), command], how),
      sshArguments,
      async [Symbol.asyncDispose]() {
        await repository[Symbol.asyncDispose]()
        await removeRun(run)
      },
    }
  } catch (error) {
    await removeRun(run)
    throw error
  }
}
