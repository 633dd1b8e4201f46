import { type CommandHost, expand } from './command'
import type { CheckEntry } from './stages'

/**
 * `<kind>:<key>` of a declared check (design: `http:<url>`, `tcp:<host>:<port>`, `service:<name>`, `command:<name or run>`),
 * with `{host} {address} {group}` filled in where a host is given.
 */
export function checkId(entry: CheckEntry, host?: CommandHost): string {
  const id = idAsWritten(entry)
  return host === undefined ? id : expand(id, host)
}

function idAsWritten(entry: CheckEntry): string {
  if ('http' in entry && entry.http) return `http:${entry.http.url}`
  if ('tcp' in entry && entry.tcp) return `tcp:${bracketed(entry.tcp.host)}:${entry.tcp.port}`
  if ('service' in entry && entry.service) return `service:${entry.service.name}`
  if ('command' in entry && entry.command) return `command:${entry.command.name ?? entry.command.run}`
  throw new Error('a check of an unknown kind passed the schema')
}

/** IPv6 addresses hold colons: `[::1]`. */
function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}
