import type { CheckResult } from './check'

/**
 * What a person has to know first: who is let in that was not, data, security, what runs, its ports, the rest. A unit
 * stands before the port it no longer listens on: the cause before its consequence.
 */
const KINDS: readonly (readonly string[])[] = [
  ['exposed'],
  ['mount'],
  ['firewall', 'sshd', 'selinux', 'security'],
  ['unit', 'timer', 'service'],
  ['port'],
]
const BUILTIN_UNITS: ReadonlySet<string> = new Set(['builtin:units', 'builtin:services', 'builtin:steady'])

function rankOf({ id, kind }: Pick<CheckResult, 'id' | 'kind'>): number {
  if (BUILTIN_UNITS.has(id)) return 3
  const rank = KINDS.findIndex((kinds) => kinds.includes(kind))
  return rank < 0 ? KINDS.length : rank
}

/** For `sort`: the more severe kind of check first; those of one kind keep their order. */
export function bySeverity(a: Pick<CheckResult, 'id' | 'kind'>, b: Pick<CheckResult, 'id' | 'kind'>): number {
  return rankOf(a) - rankOf(b)
}

const SAFE = /^[A-Za-z0-9:_.@/-]{1,200}$/

/** A command with which a person looks at what did not pass, on the host; null: the check says all there is. */
export function lookWith({ id, kind }: Pick<CheckResult, 'id' | 'kind'>): string | null {
  const key = id.slice(id.indexOf(':') + 1)
  // An id may hold text of the host: what is no plain name is no word of a command.
  if (!SAFE.test(key.replaceAll(/[[\]]/g, ''))) return null
  if (kind === 'unit' || kind === 'timer' || kind === 'service')
    return `systemctl status ${key}; journalctl -u ${key} -n 50`
  if (kind === 'port' || kind === 'exposed') return `ss -tulnp | grep :${key.slice(key.lastIndexOf(':') + 1)}`
  if (kind === 'mount') return `findmnt ${key}; systemctl list-units --type=mount --all`
  if (kind === 'firewall') return 'nft list ruleset'
  if (kind === 'sshd') return 'sshd -T'
  if (kind === 'route' || kind === 'resolver') return 'ip route; cat /etc/resolv.conf'
  if (id === 'builtin:units') return 'systemctl list-units --state=failed'
  if (id === 'builtin:services' || id === 'builtin:steady')
    return 'systemctl list-units --type=service --state=failed,activating'
  return id === 'builtin:packages' ? 'dpkg --audit; apt-get check' : null
}
