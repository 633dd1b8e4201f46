import { ADDRESS, NAME, USER } from '../config/values'
import { EVERYONE, type Inventory, type InventoryHost } from './inventory'
import { type RawInventory, TAGGED, type Variable, type Variables } from './inventory-raw'

const REFUSED =
  /^ansible_(?:(?:ssh_|become_|sudo_|su_)?pass(?:word)?|(?:ssh|sftp|scp)_(?:common_|extra_)?args|(?:ssh|sftp|scp)_executable|ssh_transfer_method)$/
const CONNECTIONS: ReadonlySet<string> = new Set([
  'ssh',
  'smart',
  'paramiko',
  'paramiko_ssh',
  'ansible.builtin.ssh',
  'ansible.builtin.paramiko_ssh',
])

/** Decides address, port and user of every host: variables of groups (parents first, then by name), then its own. */
export function resolveInventory(raw: RawInventory): Inventory {
  for (const name of EVERYONE) raw.group(name)
  const parents = parentsOf(raw)
  const depths = depthsOf(raw, parents)
  const byGroups = new Map<string, Variables>()
  const memberships = membershipsOf(raw)
  const hosts: InventoryHost[] = []
  for (const [name, host] of raw.hosts) {
    const direct = (memberships.get(name) ?? []).filter((group) => !EVERYONE.has(group))
    const above = new Set<string>(direct)
    for (const group of above) for (const parent of parents.get(group) ?? []) above.add(parent)
    const key = direct.join(',')
    const shared = byGroups.get(key) ?? groupVariables(raw, above, depths)
    byGroups.set(key, shared)
    const variables = new Map([...shared, ...host.variables, ...(raw.hostFiles.get(name) ?? [])])
    const inherited = [...above].filter((group) => !direct.includes(group) && !EVERYONE.has(group))
    const resolved = connectionOf(raw, name, variables, host.at)
    if (resolved !== undefined) hosts.push({ ...resolved, direct, inherited, at: host.at })
  }
  for (const twin of hosts.filter((one, i) => hosts.findIndex((other) => other.name === one.name) !== i))
    raw.problem(twin.at, `two hosts are called ${twin.name}, apart from upper and lower case`)
  return { hosts, problems: [...raw.problems] }
}

function membershipsOf(raw: RawInventory): Map<string, string[]> {
  const memberships = new Map<string, string[]>()
  for (const [group, { hosts }] of raw.groups) {
    for (const host of hosts) {
      const mine = memberships.get(host)
      if (mine === undefined) memberships.set(host, [group])
      else mine.push(group)
    }
  }
  return memberships
}

function parentsOf(raw: RawInventory): Map<string, string[]> {
  const parents = new Map<string, string[]>()
  for (const [name, group] of raw.groups) {
    for (const child of group.children) parents.set(child, [...(parents.get(child) ?? []), name])
  }
  return parents
}

/** How many groups lie above a group, at most; a circle is a problem. */
function depthsOf(raw: RawInventory, parents: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const depths = new Map<string, number>()
  const depthOf = (group: string, below: readonly string[]): number => {
    const known = depths.get(group)
    if (known !== undefined) return known
    if (below.includes(group) || below.length > 50) {
      raw.problem(raw.start, 'the groups of the inventory contain one another in a circle')
      return 0
    }
    const above = (parents.get(group) ?? []).map((parent) => depthOf(parent, [...below, group]))
    const depth = group === 'all' ? 0 : 1 + Math.max(0, ...above)
    depths.set(group, depth)
    return depth
  }
  for (const group of raw.groups.keys()) depthOf(group, [])
  return depths
}

function groupVariables(
  raw: RawInventory,
  groups: ReadonlySet<string>,
  depths: ReadonlyMap<string, number>,
): Variables {
  const order = ['all', ...groups].sort((a, b) => (depths.get(a) ?? 0) - (depths.get(b) ?? 0) || (a < b ? -1 : 1))
  const variables: Variables = new Map()
  for (const of of [(group: string) => raw.groups.get(group)?.variables, (group: string) => raw.groupFiles.get(group)])
    for (const group of order) for (const [key, variable] of of(group) ?? []) variables.set(key, variable)
  return variables
}

function connectionOf(raw: RawInventory, name: string, variables: Variables, at: InventoryHost['at']) {
  const before = raw.problems.length
  const own = name.toLowerCase()
  if (!NAME.test(own) || own === 'host' || own === 'runner') {
    raw.problem(at, 'this name of a host cannot be used: a-z 0-9 . _ - only, and not "host" or "runner"')
    return undefined
  }
  for (const [key, variable] of variables) refuse(raw, key, variable)
  const host = variables.get('ansible_host') ?? variables.get('ansible_ssh_host')
  const port = variables.get('ansible_port') ?? variables.get('ansible_ssh_port')
  const user = variables.get('ansible_user') ?? variables.get('ansible_ssh_user')
  const tagged = [host, port, user].filter((variable) => variable?.value === TAGGED)
  for (const variable of tagged) raw.problem(variable?.at ?? at, 'tags (!…) are not read')
  const isWrong = (variable: Variable | undefined, fits: (text: string) => boolean) =>
    variable !== undefined && !tagged.includes(variable) && !fits(variable.value)
  if (isWrong(host ?? { value: name, at }, (text) => ADDRESS.test(text)))
    raw.problem(host?.at ?? at, 'ansible_host is no host name or IP address')
  if (isWrong(port, isPort)) raw.problem(port?.at ?? at, 'ansible_port is no port number')
  if (isWrong(user, (text) => USER.test(text)))
    raw.problem(user?.at ?? at, 'ansible_user is no login name that can be used')
  if (raw.problems.length > before) return undefined
  const connection = variables.get('ansible_connection')?.value ?? 'ssh'
  return {
    name: own,
    ...(CONNECTIONS.has(connection) ? {} : { connection: connection.slice(0, 80) }),
    address: host?.value ?? name,
    port: port === undefined ? null : Number(port.value),
    user: user?.value ?? null,
  }
}

/** H5: variables that carry a secret, or that run or change a command on the runner. */
function refuse(raw: RawInventory, key: string, variable: Variable): void {
  if (REFUSED.test(key))
    raw.problem(variable.at, `${key} is refused: secrets and ssh options do not come from an inventory`)
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535
}
