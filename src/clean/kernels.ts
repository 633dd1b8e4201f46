import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { compareReleases, isSameFlavour } from '../facts/kernel-version'
import { sh } from '../shell/sh'

/** A package of a kernel that dpkg knows. */
export interface KernelPackage {
  readonly name: string
  /** `install`, `hold`, `deinstall` … (dpkg's selection) */
  readonly wanted: string
  /** `installed`, `config-files`, `half-configured` … */
  readonly status: string
}

export interface InstalledKernels {
  readonly running: string
  readonly packages: readonly KernelPackage[]
  /** Bytes below /boot by kernel release. */
  readonly bootBytes: Readonly<Record<string, number>>
}

const NAMES = [
  'linux-image-*',
  'linux-headers-*',
  'linux-modules-*',
  'linux-tools-*',
  'linux-cloud-tools-*',
  'linux-buildinfo-*',
]
const FORMAT = '${Package} ${db:Status-Want} ${db:Status-Status}\\n'

/** Kernel packages, the running release and what each kernel takes below /boot. */
export const installedKernels: Fact<InstalledKernels> = {
  id: 'installed-kernels',
  sh: sh`command -v dpkg-query >/dev/null || exit 127
printf 'running %s\\n' "$(uname -r)"
dpkg-query -W -f ${FORMAT} ${NAMES} 2>/dev/null
[ $? -le 1 ] || exit 2
for f in /boot/*-[0-9]*; do [ -f "$f" ] && printf 'boot %s %s\\n' "$(wc -c <"$f")" "$f"; done
:`,
  cap: 1_048_576,
  parse: onSuccess(parse),
}

function parse(out: string): Result<InstalledKernels> {
  const rows = out.split('\n').filter((line) => line !== '')
  const running = /^running (\d[A-Za-z0-9._+~-]{1,127})$/.exec(rows[0] ?? '')?.[1]
  if (running === undefined) return unknown('uname answered in an unknown form')
  const packages: KernelPackage[] = []
  const bootBytes: Record<string, number> = {}
  for (const row of rows.slice(1)) {
    const boot = /^boot +(\d{1,15}) \/boot\/[A-Za-z.]+(?:\.img)?-(\d[A-Za-z0-9._+~-]*?)(?:\.img)?$/.exec(row)
    const pack = /^(linux-[a-z0-9][a-z0-9+.~-]*) ([a-z]+) ([a-z-]+)$/.exec(row)
    if (boot?.[2] !== undefined) bootBytes[boot[2]] = (bootBytes[boot[2]] ?? 0) + Number(boot[1])
    else if (pack?.[1] !== undefined) {
      packages.push({ name: pack[1], wanted: pack[2] ?? '', status: pack[3] ?? '' })
    } else if (!row.startsWith('boot ')) return unknown('dpkg-query printed a line in an unknown form')
  }
  return ok({ running, packages, bootBytes })
}

export interface ObsoleteKernels {
  readonly releases: readonly string[]
  /** Exact names for the package manager, sorted. */
  readonly packages: readonly string[]
  readonly kept: readonly string[]
}

const IMAGE = /^linux-image-(?:unsigned-)?(\d[a-z0-9+.~-]*)$/
const OF_RELEASE = [
  'image',
  'image-unsigned',
  'modules',
  'modules-extra',
  'headers',
  'tools',
  'cloud-tools',
  'buildinfo',
]

/**
 * Kernels that may go: of each flavour the running, the newest and the one before the newest stay. Nothing goes where the
 * running kernel is not one of the installed ones (a container, a kernel built by hand), or a package is on hold.
 */
export function obsoleteKernels({ running, packages }: InstalledKernels): ObsoleteKernels {
  const installed = packages.filter((one) => one.status === 'installed')
  const names = new Set(installed.map((one) => one.name))
  const releases = [...new Set(installed.flatMap((one) => releaseOf(one.name) ?? []))].sort(compareReleases)
  if (!releases.includes(running)) return { releases: [], packages: [], kept: releases }
  const kept = releases.filter((release) => {
    const newer = releases.filter((other) => isSameFlavour(other, release) && compareReleases(other, release) > 0)
    return release === running || newer.length < 2
  })
  const held = new Set(installed.filter((one) => one.wanted === 'hold').map((one) => one.name))
  const gone = releases.filter((r) => !kept.includes(r) && !packagesOf(r, names).some((name) => held.has(name)))
  const stay = releases.filter((release) => !gone.includes(release))
  const obsolete = gone.flatMap((release) => [...packagesOf(release, names), ...sharedHeaders(release, stay, names)])
  return { releases: gone, packages: [...new Set(obsolete)].sort(), kept: stay }
}

/** Debug images and meta packages (`linux-image-amd64`) are no kernels. */
function releaseOf(name: string): string | null {
  const release = IMAGE.exec(name)?.[1]
  if (release === undefined || /-(?:dbg|dbgsym)$/.test(release)) return null
  return release.replace(/-unsigned$/, '')
}

function packagesOf(release: string, names: ReadonlySet<string>): string[] {
  return [...OF_RELEASE.map((kind) => `linux-${kind}-${release}`), `linux-image-${release}-unsigned`].filter((name) =>
    names.has(name),
  )
}

/** `linux-headers-6.1.0-18-common`, `linux-headers-5.15.0-91`: shared by flavours, so the last one takes them along. */
function sharedHeaders(release: string, stay: readonly string[], names: ReadonlySet<string>): string[] {
  const base = /^(\d[0-9.]*-\d+|\d[0-9.+a-z]*)(?=-)/.exec(release)?.[1]
  if (base === undefined || stay.some((other) => other === base || other.startsWith(`${base}-`))) return []
  return [`linux-headers-${base}-common`, `linux-headers-${base}`, `linux-tools-${base}`].filter((name) =>
    names.has(name),
  )
}

/** Bytes below /boot that go with these releases. */
export function bootBytesOf(kernels: InstalledKernels, releases: readonly string[]): number {
  return releases.reduce((sum, release) => sum + (kernels.bootBytes[release] ?? 0), 0)
}
