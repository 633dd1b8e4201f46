import { onSuccess } from '../facts/exit'
import { type Fact, ok, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'
import { bootBytesOf, installedKernels, obsoleteKernels } from './kernels'

export const PACKAGE_CACHE = '/var/cache/apt/archives'

/** Bytes of the package files in the host's own cache. */
export const packageCacheBytes: Fact<number> = {
  id: 'package-cache-bytes',
  sh: sh`[ -d ${PACKAGE_CACHE} ] || { echo 0; exit 0; }
du -sk ${PACKAGE_CACHE} 2>/dev/null || :`,
  cap: 4_096,
  parse: onSuccess((out) => {
    const kib = /^(\d{1,12})(?:\s|$)/.exec(out)?.[1]
    return kib === undefined ? unknown('du answered in an unknown form') : ok(Number(kib) * 1024)
  }),
}

/** What clean is sure to free, by a path on the file system where it becomes free. */
export interface Freed {
  readonly path: string
  readonly bytes: number
}

/** The facts `cleanFrees` reads. */
export const cleanFreesFacts = [packageCacheBytes, installedKernels] as const

/**
 * An estimate that never promises too much: the package cache, and what old kernels take below /boot. A fact that is
 * unknown frees nothing (H26).
 */
export function cleanFrees(x: Pick<StageInput, 'host' | 'facts'>): readonly Freed[] {
  const { package_cache, kernels } = x.host.stages.clean
  const cache = x.facts.get(packageCacheBytes)
  const found = x.facts.get(installedKernels)
  const freed: Freed[] = []
  if (package_cache && cache.ok) freed.push({ path: PACKAGE_CACHE, bytes: cache.value })
  if (kernels && found.ok) {
    freed.push({ path: '/boot', bytes: bootBytesOf(found.value, obsoleteKernels(found.value).releases) })
  }
  return freed.filter(({ bytes }) => bytes > 0)
}
