import type { StagesConfig } from '../config/stages'
import { type Sh, sh } from '../shell/sh'

export type CleanPath = StagesConfig['clean']['paths'][number]

/** Never cleaned themselves, though something below them may be. */
export const NOT_THEMSELVES = [
  '/',
  '/home',
  '/root',
  '/var',
  '/var/lib',
  '/srv',
  '/opt',
  '/mnt',
  '/media',
  '/usr',
  '/run',
]
/** Nothing at all is cleaned below these. */
export const NOT_BELOW = [
  '/etc',
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/boot',
  '/dev',
  '/proc',
  '/sys',
  '/var/lib/dpkg',
  '/var/lib/apt',
  '/var/lib/rpm',
  '/var/lib/systemd',
  '/run/systemd',
]

/**
 * Why a declared path is not cleaned, or null (H23). `ours` are folders of Pitstop that hold what an update or a rollback
 * needs: nothing is cleaned in them or above them (H25).
 */
export function whyNotCleaned(path: string, ours: readonly string[]): string | null {
  const parts = path.split('/').slice(1)
  if (!path.startsWith('/') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    return `${path} is not a plain absolute path`
  }
  if (parts.length < 2) return `${path} has fewer than two components`
  if (NOT_THEMSELVES.includes(path)) return `${path} as a whole is never cleaned`
  const guard = NOT_BELOW.find((top) => isWithin(path, top)) ?? (/^\/lib[^/]*(\/|$)/.test(path) ? '/lib*' : undefined)
  if (guard !== undefined) return `nothing below ${guard} is cleaned`
  const own = ours.find((folder) => isWithin(path, folder) || isWithin(folder, path))
  return own === undefined ? null : `${own} belongs to Pitstop`
}

const isWithin = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

/**
 * Deletes old files below one folder, never folders, never through a link. The shell goes into the folder first and asks
 * the kernel where it is: a component that is a symbolic link, or becomes one meanwhile, gives another answer.
 */
export function cleanPath({ path, match, older_than }: CleanPath): Sh {
  const minutes = Math.max(0, Math.ceil(older_than / 60_000))
  return sh`cd -P -- ${path} || exit 1
[ "$(pwd -P)" = ${path} ] || { printf '%s leads through a symbolic link: not cleaned\\n' ${path} >&2; exit 1; }
find . -xdev -depth ! -type d -name ${match} -mmin ${`+${minutes}`} -delete`
}

/** Only GNU find deletes without following a link that is swapped in under it. */
export const hasGnuFind: Sh = sh`find --version 2>/dev/null | grep -q 'GNU findutils'`
