import type { Result } from '../facts/fact'
import type { Sh } from '../shell/sh'

/** One read-only question to a package manager and the pure parser of its answer. */
export interface Reading<T> {
  readonly sh: Sh
  readonly parse: (out: string, rc: number) => Result<T>
}

/** A package that would be installed or upgraded, as the package manager's own simulation says. */
export interface Upgrade {
  /** With `:architecture` where that is not the host's own. */
  readonly name: string
  /** null: not installed now. */
  readonly from: string | null
  readonly to: string
  readonly architecture: string
  /** `label:version/suite`, as the package manager names its sources. */
  readonly origins: readonly string[]
  /** Some version between `from` (excluded) and `to` comes from a security source. */
  readonly security: boolean
  /** The newest version a security source offers, where that is newer than `from`. */
  readonly securityVersion: string | null
}

export interface Removal {
  readonly name: string
  readonly from: string | null
}

export interface Simulation {
  readonly upgrades: readonly Upgrade[]
  readonly removals: readonly Removal[]
}

/** Sizes and sources of a chosen upgrade; null where the package manager does not say. */
export interface ChosenUpgrade extends Upgrade {
  readonly downloadBytes: number | null
  readonly installedBytes: number | null
  readonly installedBytesBefore: number | null
  /** The version that is installed now can still be fetched from a configured source. */
  readonly canFetchInstalled: boolean
  readonly installedDownloadBytes: number | null
}

/** Exactly what the update will do, simulated with exact versions. */
export interface Transaction {
  readonly upgrades: readonly ChosenUpgrade[]
  readonly removals: readonly Removal[]
  /** Names that were installed by hand stay so; these stay marked as installed for others. */
  readonly automatic: readonly string[]
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  readonly installedBytes: number | null
}

export interface Consistency {
  /** Nothing half-installed, no dependency broken, no interrupted work. */
  readonly ok: boolean
  /** What is wrong, one entry a package or rule. */
  readonly problems: readonly string[]
  /** An earlier run of the package manager was cut, and its own repair command applies. */
  readonly interrupted: boolean
  /** Its sources or settings cannot be read, in its own words: no package is broken; left out: they can. */
  readonly unreadable?: string
}

export interface LockHolder {
  readonly pid: number
  /** Name of the program; empty where it is not known. */
  readonly program: string
  readonly lock: string
}

/** What happens to a configuration file that a person changed and that a new version brings anew. */
export type ConfigFiles = 'keep' | 'replace' | 'hold'

/** A file that an upgrade left beside a configuration file. */
export interface LeftFile {
  readonly file: string
  /** When it last changed, in a form that only tells the same from another; null: not noted. */
  readonly changed: string | null
}

export interface UpgradeOptions {
  readonly configFiles: ConfigFiles
  readonly removals: 'refuse' | 'allow'
  /** Packages come from here and are not fetched; null: fetched during the update. */
  readonly folder: string | null
}

/** A package file in the run's folder that `prepare` fetched and read through. */
export interface KeptPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Relative to the folder of kept packages. */
  readonly file: string
}

/**
 * What one package manager fills. Adding one is one file and one line in managers.ts.
 * Commands are exact text, environment included by `env`; none of them ever asks a question.
 */
export interface PackageManager {
  readonly id: string
  /** Exit 0: this package manager rules the host. */
  readonly present: Sh
  readonly env: Readonly<Record<string, string>>
  readonly installed: Reading<ReadonlyMap<string, InstalledPackage>>
  /** From the lists that are on the host: refreshes nothing. */
  readonly upgradable: Reading<Simulation>
  readonly consistency: Reading<Consistency>
  readonly lock: Reading<readonly LockHolder[]>
  /** Exit 0: nobody holds a lock. Reads only. */
  readonly unlocked: Sh
  /** Age in seconds of the newest package list; null: there is none. */
  readonly listsAgeSeconds: Reading<number | null>
  /** What upgrades left beside configuration files that they kept or replaced. */
  readonly leftConfiguration: Reading<readonly LeftFile[]>
  /** The configuration files that the packages in `folder` would ask about. */
  askedConfiguration(folder: string): Reading<readonly string[]>
  transaction(exact: readonly string[]): Reading<Transaction>
  /** `name=version` in this package manager's own form. */
  exact(name: string, version: string): string
  refresh(lockWaitMs: number): Sh
  download(exact: readonly string[], folder: string, lockWaitMs: number): Sh
  /** Fetches installed versions into `folder`, as many as can be had; prints `name version file` of each that reads through. */
  keepInstalled(wanted: readonly Upgrade[], fetchable: readonly string[], folder: string): Sh
  upgrade(transaction: Transaction, options: UpgradeOptions, lockWaitMs: number): Sh
  /** Finishes what an earlier cut left half-done. */
  repair(configFiles: ConfigFiles): Sh
  /** Back to kept files of `folder`, offline; `automatic` are marked as installed for others again. */
  rollback(folder: string, files: readonly string[], automatic: readonly string[], lockWaitMs: number): Sh
  /** Prints the installed packages, for a person who rebuilds the host. */
  readonly list: Sh
}
