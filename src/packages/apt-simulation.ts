import { ok, type Result, unknown } from '../facts/fact'
import { belowCandidate, parsePolicy } from './apt-policy'
import { compareDebianVersions } from './debian-version'
import type { Removal, Simulation, Upgrade } from './package-manager'

/** One line of `apt-cache madison`: a version and whether its source is a security one. */
interface Available {
  readonly version: string
  readonly security: boolean
}

// apt writes `Inst name [old] (new Origin:version/suite, … [arch]) [what it breaks for a moment]`, without `[old]` for a new package.
const INST = /^Inst (\S+)(?: \[([^\]\s]*)\])? \(([^\s[\]]+) ([^[\]]*)\[([^\]\s]+)\]\)/
const REMOVED = /^(?:Remv|Purg) (\S+)(?: \[([^\]\s]*)\])?/
const SECURITY_ORIGIN = /^(?:Debian-Security|Ubuntu-Security):|-security$/
// A source is `URL suite/component architecture Packages`. The suite is `bookworm-security`; before Debian 11 it was
// `buster/updates`, of a mirror of security.debian.org: a vendor may call a folder or suite of its own so too.
function isSecuritySource(source: string): boolean {
  const [url = '', suite = ''] = source.split(' ')
  return suite.indexOf('-security/') > 0 || (url.includes('security') && /^[a-z]+\/updates\//.test(suite))
}

export function parseSimulation(out: string, rc: number): Result<Simulation> {
  if (rc !== 0) return unknown(`the simulation of apt-get ended with exit code ${rc}`)
  const { before, after } = sections(out, '@madison')
  const rest = sections(after.join('\n'), '@policy')
  const available = allowed(parseMadison(rest.before), rest.after)
  const upgrades: Upgrade[] = []
  const removals: Removal[] = []
  for (const line of before) {
    if (line.startsWith('Inst ')) {
      const upgrade = parseInst(line, available)
      if (upgrade === undefined)
        return unknown(`a line of the simulation of apt-get could not be read: ${line.slice(0, 200)}`)
      upgrades.push(upgrade)
    } else if (/^(?:Remv|Purg) /.test(line)) {
      const removed = REMOVED.exec(line)
      if (removed?.[1] === undefined)
        return unknown(`a line of the simulation of apt-get could not be read: ${line.slice(0, 200)}`)
      removals.push({ name: removed[1], from: removed[2] ?? null })
    }
  }
  return ok({ upgrades, removals })
}

/** The lines before and after a line that is exactly `marker`. */
export function sections(out: string, marker: string): { before: readonly string[]; after: readonly string[] } {
  const all = out.split('\n')
  const at = all.indexOf(marker)
  return at < 0 ? { before: all, after: [] } : { before: all.slice(0, at), after: all.slice(at + 1) }
}

function parseInst(line: string, available: ReadonlyMap<string, readonly Available[]>): Upgrade | undefined {
  const [, name, from = null, to, origins = '', architecture] = INST.exec(line) ?? []
  if (name === undefined || to === undefined || architecture === undefined) return undefined
  const from_ = origins
    .trimEnd()
    .split(', ')
    .filter((o) => o !== '')
  const securityVersion = from === null ? null : newestSecurity(available.get(name) ?? [], from)
  const security = securityVersion !== null || from_.some((o) => SECURITY_ORIGIN.test(o))
  const chosen = securityVersion ?? (security && from !== null ? to : null)
  return { name, from, to, architecture, origins: from_, security, securityVersion: chosen }
}

function newestSecurity(available: readonly Available[], from: string): string | null {
  return available
    .filter((a) => a.security && compareDebianVersions(a.version, from) > 0)
    .map((a) => a.version)
    .reduce<string | null>((best, v) => (best === null || compareDebianVersions(v, best) > 0 ? v : best), null)
}

/** Without the versions that apt's own policy would not choose on this host: somebody pinned another. */
function allowed(
  available: ReadonlyMap<string, readonly Available[]>,
  rows: readonly string[],
): ReadonlyMap<string, readonly Available[]> {
  const policy = parsePolicy(rows)
  return new Map(
    [...available].map(([name, all]) => [name, all.filter((a) => !belowCandidate(policy, name, a.version))]),
  )
}

function parseMadison(rows: readonly string[]): ReadonlyMap<string, readonly Available[]> {
  const byName = new Map<string, Available[]>()
  for (const row of rows) {
    const [name, version, source] = row.split(' | ').map((cell) => cell.trim())
    if (name === undefined || version === undefined || source === undefined) continue
    const entry = { version, security: isSecuritySource(source) }
    byName.set(name, [...(byName.get(name) ?? []), entry])
  }
  return byName
}
