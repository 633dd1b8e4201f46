import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { isPassingMount } from './passing-mounts'
import { cut, linesOf } from './text'

export interface Mount {
  readonly target: string
  readonly source: string
  readonly type: string
  readonly readOnly: boolean
}

export interface Mounts {
  /** File systems that hold data, by target; those of the kernel, of containers, snaps and sessions are left out. */
  readonly items: readonly Mount[]
  /** Places where file systems are mounted on first use: what lies there may be gone without anything being wrong. */
  readonly automounts: readonly string[]
  /** Logins mount the homes of their users here (pam_mount(8)); left out: they do not. */
  readonly homesByLogin?: true
}

/** Source: proc_mounts(5). */
export const mounts: Fact<Mounts> = {
  id: 'mounts',
  sh: sh`cat /proc/mounts || exit
[ ! -e /etc/security/pam_mount.conf.xml ] || echo homes-by-login`,
  cap: 2_097_152,
  parse: onSuccess(parse),
}

function parse(out: string): Result<Mounts> {
  const items = new Map<string, Mount>()
  const automounts: string[] = []
  const all = linesOf(out)
  const byLogin = all.at(-1) === 'homes-by-login'
  for (const line of byLogin ? all.slice(0, -1) : all) {
    const [source, target, type, options] = line.split(' ').map(decodeOctal)
    if (source === undefined || !target?.startsWith('/') || type === undefined || options === undefined) {
      return unknown('a line of /proc/mounts is in an unknown form')
    }
    if (type === 'autofs') automounts.push(cut(target, 1024))
    if (type === 'autofs' || isPassingMount(target, source, type)) continue
    // A later mount hides an earlier one at the same place.
    items.set(target, {
      target: cut(target, 1024),
      source: cut(source),
      type: cut(type, 64),
      readOnly: options.split(',').includes('ro'),
    })
  }
  const sorted = [...items.values()].sort((a, b) => (a.target < b.target ? -1 : 1))
  return ok({ items: sorted, automounts, ...(byLogin ? { homesByLogin: true as const } : {}) })
}

/** Blanks, tabs, line ends and backslashes stand as three octal digits. */
function decodeOctal(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
