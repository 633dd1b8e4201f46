import { counted } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import type { PackageChange } from '../stages/stage'
import type { Disclosure } from './disclose'
import { groupedByText, listedNames } from './plan-groups'
import { folded } from './summary-section'

const MOST_PACKAGES = 50
/** So few are shown without a click. */
const FEW = 5

interface Changed {
  readonly name: string
  readonly packages: readonly PackageChange[]
}

/** What changes, told once for all hosts on which the same changes. */
export function packageGroups(
  hosts: readonly Changed[],
  what: 'changed' | 'to change',
  disclose: Disclosure,
): readonly string[] {
  const changed = hosts.filter(({ packages }) => packages.length > 0)
  const byName = new Map(changed.map((host) => [host.name, host.packages]))
  const said = groupedByText(changed.map(({ name, packages }) => [JSON.stringify(packages), name] as const))
  return said.map(([, names]) => packageLines(listedNames(names), byName.get(names[0] ?? '') ?? [], what, disclose))
}

/** What changes on hosts, security first; a long list opens on demand. Only counted where outsiders read. */
function packageLines(
  hosts: string,
  changes: readonly PackageChange[],
  what: 'changed' | 'to change',
  disclose: Disclosure,
): string {
  const security = changes.filter((change) => change.security)
  const told = `${counted(changes.length, 'package')} ${what}, ${security.length} for security`
  if (disclose !== 'full') return `- **${hosts}** ${told}`
  const lines = [...security, ...changes.filter((change) => !change.security)].slice(0, MOST_PACKAGES).map(packageLine)
  if (changes.length > MOST_PACKAGES)
    lines.push(`- … and ${changes.length - MOST_PACKAGES} more in ${what === 'changed' ? 'report.json' : 'plan.json'}`)
  if (lines.length <= FEW) return [`- **${hosts}** ${told}`, ...lines.map((line) => `  ${line}`)].join('\n')
  return folded(`<b>${hosts}</b> ${told}`, lines)
}

function packageLine({ name, from, to, security }: PackageChange): string {
  return `- ${security ? '🔒 ' : ''}${markdownSpan(name, 100)} ${versionOf(from, 'new')} → ${versionOf(to, 'removed')}${security ? ' (security)' : ''}`
}

function versionOf(version: string | null, absent: string): string {
  return version === null ? absent : markdownSpan(version, 100)
}
