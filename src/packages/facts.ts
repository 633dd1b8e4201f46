import { type Fact, type Facts, ok, type Result, unknown } from '../facts/fact'
import { lines, type Sh, sh } from '../shell/sh'
import { MANAGERS } from './managers'
import type { PackageManager, Reading, Simulation, Transaction } from './package-manager'

/** Id of the package manager that rules the host; null: none that Pitstop knows. */
export const packageManagerId: Fact<string | null> = {
  id: 'package-manager',
  sh: lines(...MANAGERS.map((m) => sh`if ${m.present}; then echo ${m.id}; exit 0; fi`), sh`echo none`),
  cap: 64,
  parse: (out, rc) => {
    const id = out.trim()
    if (rc !== 0 || id === '') return unknown('the package manager could not be found out')
    return ok(id === 'none' ? null : id)
  },
}

/** The host's package manager, as its facts tell. */
export function packageManagerOf(facts: Facts): Result<PackageManager | null> {
  const id = facts.get(packageManagerId)
  return id.ok ? ok(MANAGERS.find((m) => m.id === id.value) ?? null) : id
}

export const installedVersions = acrossManagers('installed-versions', 4_000_000, (m) => m.installed, 15)
/** The same, kept from before an update so that both can be compared. */
export const installedVersionsBefore = acrossManagers('installed-versions-before', 4_000_000, (m) => m.installed, 15)
/** The same once more: a shutdown may install packages too. */
export const installedVersionsAfterReboot = acrossManagers(
  'installed-versions-after-reboot',
  4_000_000,
  (m) => m.installed,
  15,
)
export const upgradable = acrossManagers('upgradable', 4_000_000, (m) => m.upgradable, 100)
export const packageConsistency = acrossManagers('package-consistency', 4_000_000, (m) => m.consistency, 50)
export const packageLock = acrossManagers('package-lock', 16_384, (m) => m.lock)
export const packageListsAge = acrossManagers('package-lists-age', 256, (m) => m.listsAgeSeconds)
export const leftConfiguration = acrossManagers('left-configuration', 262_144, (m) => m.leftConfiguration)
export const leftConfigurationBefore = acrossManagers('left-configuration-before', 262_144, (m) => m.leftConfiguration)

export const TRANSACTION_ID = 'package-transaction'

/**
 * What installing exactly these versions would do. Read again it replaces the earlier answer. Which of them close a security
 * hole is known from what was pending, as the newest version may come from another source than the fix.
 */
export function transactionFact(
  manager: PackageManager,
  exact: readonly string[],
  pending: Simulation,
): Fact<Transaction> {
  const reading = manager.transaction(exact)
  const security = new Set(pending.upgrades.filter((u) => u.security).map((u) => u.name))
  return {
    id: TRANSACTION_ID,
    cap: 8_000_000,
    sh: reading.sh,
    parse: (out, rc) => {
      const read = reading.parse(out, rc)
      if (!read.ok) return read
      const upgrades = read.value.upgrades.map((u) => ({ ...u, security: u.security || security.has(u.name) }))
      return ok({ ...read.value, upgrades })
    },
  }
}

/** The transaction that was simulated last; unknown where none was. */
export function transactionOf(facts: Facts): Result<Transaction> {
  return facts.get<Transaction>({ id: TRANSACTION_ID, cap: 0, sh: sh`:`, parse: () => unknown('not asked here') })
}

/** The configuration files that the downloaded packages would ask about. */
export function askedConfigurationFact(manager: PackageManager, folder: string): Fact<readonly string[]> {
  return { id: 'asked-configuration', cap: 262_144, ...manager.askedConfiguration(folder) }
}

/** One fact that every package manager answers in its own way: the first line names who answered. */
function acrossManagers<T>(
  id: string,
  cap: number,
  reading: (m: PackageManager) => Reading<T>,
  costMs?: number,
): Fact<T> {
  const branches: readonly Sh[] = MANAGERS.map(
    (m) => sh`if ${m.present}; then
echo ${m.id}
${reading(m).sh}
exit $?
fi`,
  )
  return {
    id,
    cap,
    ...(costMs === undefined ? {} : { costMs }),
    sh: lines(...branches, sh`echo none`),
    parse: (out, rc) => {
      const end = out.indexOf('\n')
      const manager = MANAGERS.find((m) => m.id === out.slice(0, end))
      return manager === undefined
        ? unknown('the host has no supported package manager')
        : reading(manager).parse(out.slice(end + 1), rc)
    },
  }
}
