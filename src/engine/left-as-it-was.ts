import { readFacts } from '../facts/read'
import { installedVersions, installedVersionsBefore, packageConsistency } from '../packages/facts'
import type { InstalledPackage } from '../packages/package-manager'
import type { HostContext } from './host-context'
import type { StepsEnd } from './steps-end'

/** With this apt-get(8) ends where it gives up; any other end is one that nobody has foreseen. */
const REFUSED = 100

/**
 * A package manager that refused before it began (a hook of the host, a lock, a file that is missing) has changed nothing:
 * every version is the one of before, and all is sound. Unknown is never yes.
 */
export async function leftPackagesAsTheyWere(x: HostContext, end: StepsEnd): Promise<boolean> {
  if (end.t !== 'failed' || end.step !== 'packages.upgrade') return false
  if (x.known.results.get('update/packages.upgrade')?.exitCode !== REFUSED) return false
  const before = x.known.facts.get(installedVersionsBefore)
  const facts = await readFacts(x.machine, [installedVersions, packageConsistency], x.signal, x.clock)
  const [after, sound] = [facts.get(installedVersions), facts.get(packageConsistency)]
  return before.ok && after.ok && sound.ok && sound.value.ok && areSame(before.value, after.value)
}

type Versions = ReadonlyMap<string, InstalledPackage>

function areSame(before: Versions, after: Versions): boolean {
  return before.size === after.size && [...before].every(([name, one]) => after.get(name)?.version === one.version)
}
