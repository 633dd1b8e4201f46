import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
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
}

const KERNEL_TYPES = new Set(
  'proc sysfs devtmpfs devpts cgroup cgroup2 pstore bpf tracefs debugfs securityfs mqueue hugetlbfs configfs fusectl binfmt_misc rpc_pipefs nsfs efivarfs ramfs selinuxfs nfsd'.split(
    ' ',
  ),
)
/** Left out with all that is below them; of /tmp only what is below it. */
const PASSING_PLACES =
  /^\/(?:(?:var\/)?tmp\/.+|proc|sys|dev|run|snap|var\/run|var\/snap|var\/lib\/(?:docker|containers|containerd|kubelet|snapd|lxcfs|lxd|incus))(?:\/|$)/

/** Source: proc_mounts(5). */
export const mounts: Fact<Mounts> = {
  id: 'mounts',
  sh: sh`cat /proc/mounts`,
  cap: 2_097_152,
  parse: onSuccess(parse),
}

function parse(out: string): Result<Mounts> {
  const items = new Map<string, Mount>()
  const automounts: string[] = []
  for (const line of linesOf(out)) {
    const [source, target, type, options] = line.split(' ').map(decodeOctal)
    if (source === undefined || !target?.startsWith('/') || type === undefined || options === undefined) {
      return unknown('a line of /proc/mounts is in an unknown form')
    }
    if (type === 'autofs') automounts.push(cut(target, 1024))
    if (type === 'autofs' || KERNEL_TYPES.has(type) || PASSING_PLACES.test(target)) continue
    // A later mount hides an earlier one at the same place.
    items.set(target, {
      target: cut(target, 1024),
      source: cut(source),
      type: cut(type, 64),
      readOnly: options.split(',').includes('ro'),
    })
  }
  return ok({ items: [...items.values()].sort((a, b) => (a.target < b.target ? -1 : 1)), automounts })
}

/** Blanks, tabs, line ends and backslashes stand as three octal digits. */
function decodeOctal(word: string): string {
  return word.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
