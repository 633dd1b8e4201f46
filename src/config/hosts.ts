import type { Place, Problem } from '../errors'
import { groupOfInventoryHost, type InventoryHost } from '../fleet/inventory'
import { type CommandHost, expand } from './command'
import type { HostEntry, SshDefaults } from './file-schema'
import type { ReadableParts } from './readable-parts'
import type { HostConfig } from './schema'
import { whyNoStateDir } from './state-dir'

/** One host with its connection settled; its group's stages, rollout and window are laid on later. */
export type HostBase = Omit<HostConfig, 'stages' | 'rollout' | 'window' | 'scripts' | 'lines'>

interface HostSources {
  readonly parts: ReadableParts
  readonly inventory: readonly InventoryHost[]
  /** Where a host, or a key of it, stands in the maintenance file. */
  readonly placeOfHost: (name: string, key?: string) => Place | null
}

/** All hosts: defaults, then `ssh`, then the inventory, then `hosts`, each laid over what came before. */
export function settleHosts(sources: HostSources): {
  readonly hosts: readonly HostBase[]
  readonly problems: readonly Problem[]
  /** Hosts of the inventory that are no targets, each with the reason. */
  readonly notes: readonly string[]
} {
  const problems: Problem[] = []
  const notes: string[] = []
  const hosts: HostBase[] = []
  const declared = new Set(sources.parts.groups.map((group) => group.name))
  const fromInventory = new Map(sources.inventory.map((host) => [host.name, host]))
  const { hosts: entries, hostNames, ssh } = sources.parts
  for (const name of new Set([...hostNames, ...fromInventory.keys()])) {
    const entry = entries.get(name) ?? {}
    if (hostNames.has(name) && !entries.has(name)) continue
    const listed = fromInventory.get(name)
    const at = sources.placeOfHost(name)
    const other = entry.transport === undefined ? listed?.connection : undefined
    if (other !== undefined) {
      const why = `the inventory says ansible_connection=${other}, and only SSH is read from it`
      if (hostNames.has(name)) problems.push(belowHost(at, name, 'transport', `is missing: ${why}`))
      else notes.push(`${name} is left out: ${why}; write it under \`hosts\` with its \`transport\` to maintain it`)
      continue
    }
    const group = groupFor(entry, listed, declared, problems)
    const address = entry.address ?? listed?.address ?? (transportOf(entry, ssh) === 'local' ? 'localhost' : undefined)
    if (address === undefined) problems.push(belowHost(at, name, 'address', 'is missing'))
    else hosts.push(settled({ name, address, group, entry, listed, line: at?.line ?? null }, ssh))
    problems.push(...stateDirProblems({ name, address: address ?? '', group }, entry, sources))
    problems.push(...helperProblems(name, entry, (key) => sources.placeOfHost(name, key)))
  }
  return { hosts, problems, notes }
}

function groupFor(
  entry: HostEntry,
  listed: InventoryHost | undefined,
  declared: ReadonlySet<string>,
  problems: Problem[],
): string {
  if (entry.maintain === false) return ''
  if (entry.group !== undefined || listed === undefined) return entry.group ?? 'default'
  const choice = groupOfInventoryHost(listed, declared)
  if ('group' in choice) return choice.group
  problems.push(choice.problem)
  return 'default'
}

function transportOf(entry: HostEntry, ssh: SshDefaults): HostConfig['transport'] {
  return entry.transport ?? ssh.transport ?? 'ssh'
}

interface Settling {
  readonly name: string
  readonly address: string
  readonly group: string
  readonly entry: HostEntry
  readonly listed: InventoryHost | undefined
  readonly line: number | null
}

function settled({ name, address, group, entry, listed, line }: Settling, ssh: SshDefaults): HostBase {
  const user = entry.user ?? listed?.user ?? ssh.user ?? 'root'
  const become = entry.become ?? ssh.become
  return {
    name,
    address,
    group,
    line,
    user,
    port: entry.port ?? listed?.port ?? ssh.port ?? 22,
    maintain: entry.maintain ?? true,
    transport: transportOf(entry, ssh),
    become: become ?? (user === 'root' ? 'none' : 'sudo'),
    becomeDeclared: become !== undefined,
    loginDeclared: {
      user: (entry.user ?? listed?.user ?? ssh.user) !== undefined,
      port: (entry.port ?? listed?.port ?? ssh.port) !== undefined,
    },
    jump: entry.jump ?? null,
    hostKey: entry.host_key ?? [],
    stateDir: entry.state_dir === undefined ? null : expand(entry.state_dir, { name, address, group }),
    skip: entry.skip === undefined ? null : { until: entry.skip.until ?? null, reason: entry.skip.reason },
  }
}

function stateDirProblems(host: CommandHost, entry: HostEntry, sources: HostSources): Problem[] {
  const why = entry.state_dir === undefined ? null : whyNoStateDir(expand(entry.state_dir, host))
  return why === null ? [] : [belowHost(sources.placeOfHost(host.name, 'state_dir'), host.name, 'state_dir', why)]
}

/** What only a target can have. */
function helperProblems(name: string, entry: HostEntry, at: (key: string) => Place | null): Problem[] {
  if (entry.maintain !== false) return []
  const forTargets = (['group', 'skip'] as const).filter((key) => entry[key] !== undefined)
  return forTargets.map((key) =>
    belowHost(at(key), name, key, 'a helper (`maintain: false`) is never a target and takes no such key'),
  )
}

function belowHost(at: Place | null, name: string, key: string, message: string): Problem {
  return { ...(at ?? {}), path: `hosts.${name}.${key}`, message }
}
