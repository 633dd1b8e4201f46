import { type Disk, diskOf } from '../facts/disks'
import type { BootImages } from './boot-images'
import type { Transaction } from './package-manager'

/** Bytes that will be written below `path`, or that become free there. */
export interface SpaceNeed {
  readonly path: string
  readonly bytes: number
}

/** Assumed where a package source does not say how large a package is: above nearly every package. */
const UNSAID_BYTES = 50_000_000
const KERNEL = /^(?:linux-image|linux-modules|kernel|linux-(?:lts|virt|edge))(?:-|$)/

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

/** What the package files take in the run's folder. */
export function downloadNeed(transaction: Transaction, folder: string, withInstalled: boolean): SpaceNeed {
  const wanted = sum(transaction.upgrades.map((u) => u.downloadBytes ?? UNSAID_BYTES))
  const kept = withInstalled ? sum(transaction.upgrades.map((u) => u.installedDownloadBytes ?? 0)) : 0
  return { path: folder, bytes: wanted + kept }
}

/**
 * The package manager writes its database anew beside the old one, and maintainer scripts keep what they know there: with
 * no room for that it stops in the middle, and leaves packages half configured.
 */
const DATABASE: SpaceNeed = { path: '/var/lib', bytes: 32_000_000 }

/** What unpacking takes: the growth of all, and one whole package, as dpkg unpacks beside the files it replaces. */
export function unpackNeeds(transaction: Transaction, boot: BootImages | undefined): readonly SpaceNeed[] {
  const growth = transaction.upgrades.map((u) =>
    Math.max(0, (u.installedBytes ?? UNSAID_BYTES) - (u.installedBytesBefore ?? 0)),
  )
  const largest = Math.max(0, ...transaction.upgrades.map((u) => u.installedBytes ?? UNSAID_BYTES))
  const database = transaction.upgrades.length === 0 ? [] : [DATABASE]
  return [{ path: '/usr', bytes: sum(growth) + largest }, ...database, ...bootNeed(transaction, boot)]
}

/** A new kernel brings an image and an initramfs; any initramfs is written beside the one it replaces. */
function bootNeed(transaction: Transaction, boot: BootImages | undefined): readonly SpaceNeed[] {
  if (transaction.upgrades.length === 0 || boot === undefined || boot.largestInitramfsBytes === 0) return []
  const kernels = transaction.upgrades.filter((u) => u.from === null && KERNEL.test(u.name)).length
  const bytes = boot.largestInitramfsBytes + kernels * (boot.largestInitramfsBytes + boot.largestKernelBytes)
  return [{ path: '/boot', bytes }]
}

export interface Shortage {
  readonly mount: string
  readonly freeBytes: number
  readonly wantedBytes: number
  /** Path of `space` that asks for more than is needed; null: the work itself needs it. */
  readonly declared: string | null
}

/**
 * The first file system with too little room: it must have, with what clean will free, both what the work writes there
 * and what `space` asks for. A path on no known file system is unknown, and that is not enough.
 */
export function findShortage(
  disks: readonly Disk[],
  needs: readonly SpaceNeed[],
  minimums: Readonly<Record<string, number>>,
  freed: readonly SpaceNeed[] = [],
): Shortage | { readonly unknownPath: string } | undefined {
  const paths = [...needs.map((n) => n.path), ...Object.keys(minimums)]
  const unknownPath = paths.find((path) => diskOf(disks, path) === undefined)
  if (unknownPath !== undefined) return { unknownPath }
  const on = (all: readonly SpaceNeed[], mount: string) =>
    sum(all.filter((n) => diskOf(disks, n.path)?.mount === mount).map((n) => n.bytes))
  for (const disk of disks) {
    const room = disk.freeBytes + on(freed, disk.mount)
    const needed = on(needs, disk.mount)
    if (needed > room) return { mount: disk.mount, freeBytes: room, wantedBytes: needed, declared: null }
    for (const [path, bytes] of Object.entries(minimums)) {
      if (diskOf(disks, path)?.mount === disk.mount && bytes > room)
        return { mount: disk.mount, freeBytes: room, wantedBytes: bytes, declared: path }
    }
  }
  return undefined
}
