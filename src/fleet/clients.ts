import type { HostConfig } from '../config/schema'

/**
 * Hosts of the file that others depend on, each with the hosts that do: whoever names it, as the way of its connection or as
 * the place of a command, whatever the command is for (traffic, hooks, checks, backups). Also over others: who goes through a
 * jump to the helper of a host serves that host, too. Pure.
 */
export function clientsOf(hosts: ReadonlyMap<string, HostConfig>): ReadonlyMap<string, readonly string[]> {
  const named = new Map([...hosts.values()].map((host) => [host.name, namedBy(host, hosts)]))
  const clients = new Map<string, string[]>()
  for (const name of hosts.keys())
    for (const server of reached(name, named)) clients.set(server, [...(clients.get(server) ?? []), name])
  return clients
}

/** Everything that is reached from a host over the names in `named`, without itself. */
function reached(start: string, named: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [...(named.get(start) ?? [])]
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === start || seen.has(name)) continue
    seen.add(name)
    open.push(...(named.get(name) ?? []))
  }
  return seen
}

function namedBy(host: HostConfig, hosts: ReadonlyMap<string, HostConfig>): ReadonlySet<string> {
  const names = [...(host.jump === null ? [] : [host.jump]), ...(host.maintain ? placesOf(host.stages) : [])]
  return new Set(names.filter((name) => name !== host.name && hosts.has(name)))
}

/** Hosts of a group share what they are told, and what is shared is read once. */
const known = new WeakMap<object, readonly string[]>()

/** Every `on:` below, wherever it stands: a new kind of command brings its place by itself. */
function placesOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  const found = known.get(value)
  if (found !== undefined) return found
  const places = Object.entries(value).flatMap(([key, inner]) =>
    key === 'on' && typeof inner === 'string' ? [inner] : placesOf(inner),
  )
  known.set(value, places)
  return places
}
