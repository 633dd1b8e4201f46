import type { PackageChange } from '../stages/stage'
import type { InstalledPackage, Transaction, Upgrade } from './package-manager'

type Installed = ReadonlyMap<string, InstalledPackage>

/** What really changed between two readings, in the order of names: the state, not the intent. */
export function packageChanges(
  before: Installed,
  after: Installed,
  planned: readonly Upgrade[],
): readonly PackageChange[] {
  const security = new Set(planned.filter((u) => u.security).map((u) => u.name))
  const names = [...new Set([...before.keys(), ...after.keys()])].sort()
  return names.flatMap((name) => {
    const from = before.get(name)?.version ?? null
    const to = after.get(name)?.version ?? null
    return from === to ? [] : [{ name, from, to, security: security.has(name) }]
  })
}

/** The planned changes that did not happen. */
export function missingChanges(after: Installed, transaction: Transaction): readonly string[] {
  return transaction.upgrades.filter((u) => after.get(u.name)?.version !== u.to).map((u) => u.name)
}

/** Without packages that went away since the simulation: clean removes old kernels and orphans, and nothing brings them back. */
export function stillInstalled(transaction: Transaction, before: Installed): Transaction {
  return { ...transaction, upgrades: transaction.upgrades.filter((u) => u.from === null || before.has(u.name)) }
}

/** For plan and report: what is meant, without sizes and sources. */
export function plannedChanges(transaction: Transaction): readonly PackageChange[] {
  return [
    ...transaction.upgrades.map(({ name, from, to, security }) => ({ name, from, to, security })),
    ...transaction.removals.map(({ name, from }) => ({ name, from, to: null, security: false })),
  ]
}
