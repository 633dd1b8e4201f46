import type { HostConfig, MaintenanceFile } from '../../config/schema'
import { ADDRESS, USER } from '../../config/values'
import type { SshSays } from '../../host/ssh-config/ask-ssh'

export interface LaidUnder {
  readonly file: MaintenanceFile
  /** What was taken, and what could not be, for people. */
  readonly notes: readonly string[]
}

/** Lays what an ssh_config says under what the maintenance file says: the file always wins. Pure. */
export function layUnder(file: MaintenanceFile, said: ReadonlyMap<string, SshSays>): LaidUnder {
  const notes: string[] = []
  const hosts = new Map(
    [...file.hosts].map(([name, host]): [string, HostConfig] => {
      const says = host.transport === 'ssh' ? said.get(host.address) : undefined
      return [name, says === undefined ? host : laid(host, says, file, notes)]
    }),
  )
  return { file: { ...file, hosts }, notes }
}

function laid(host: HostConfig, says: SshSays, file: MaintenanceFile, notes: string[]): HostConfig {
  const taken: string[] = []
  const take = <T>(word: string, value: T | null, free: boolean): T | null => {
    if (value === null || !free) return null
    taken.push(`${word} ${value}`)
    return value
  }
  const address = take('HostName', matching(says.hostName, ADDRESS), true) ?? host.address
  const user = take('User', matching(says.user, USER), host.loginDeclared?.user === false) ?? host.user
  const port = take('Port', says.port, host.loginDeclared?.port === false) ?? host.port
  const jump = host.jump ?? take('ProxyJump', jumpOf(host, says, file, notes), true)
  if (taken.length > 0) notes.push(`${host.name}: ${taken.join(', ')}`)
  const become = host.becomeDeclared ? host.become : user === 'root' ? 'none' : 'sudo'
  return { ...host, address, user, port, jump, become }
}

/** An ssh_config is no reviewed file: what does not look like a name is not taken. */
function matching(text: string | null, pattern: RegExp): string | null {
  return text !== null && pattern.test(text) ? text : null
}

/** A jump host is verified and logged in to like any other: it has to be a host of the file. */
function jumpOf(host: HostConfig, says: SshSays, file: MaintenanceFile, notes: string[]): string | null {
  if (says.proxyJump === null || host.jump !== null) return null
  const wanted = says.proxyJump.replace(/^[^@]*@/, '').replace(/:\d+$/, '')
  const found = [...file.hosts.values()].find((one) => one.name === wanted || one.address === wanted)
  if (found !== undefined && found.name !== host.name) return found.name
  notes.push(
    `${host.name}: ProxyJump ${says.proxyJump} is not used, as it is no host of the file. Add it with \`maintain: false\`, and name it in \`jump:\``,
  )
  return null
}
