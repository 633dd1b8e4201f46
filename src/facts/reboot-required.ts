import { lines, sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { newestKernel } from './newest-kernel'
import { cut, linesOf } from './text'

export interface RebootRequired {
  /** `unknown` is never a reason to reboot (promise 4). */
  readonly needed: 'yes' | 'no' | 'unknown'
  readonly why: string
  /** Packages that asked for it, where the host says so. */
  readonly packages: readonly string[]
}

/**
 * Three detectors: a flag file decides; then the kernel comparison, where it knows; then needrestart. A missing flag file
 * means nothing on a host where no package writes it (H30). A kernel that the boot loader passed over once is passed over
 * again: a reboot would change nothing.
 * Source: needrestart README.batch.md: NEEDRESTART-KSTA 1 current, 2 and 3 pending, 0 unknown.
 */
export const rebootRequired: Fact<RebootRequired> = {
  id: 'reboot-required',
  sh: lines(
    sh`for flag in /run/reboot-required /var/run/reboot-required /run/reboot-needed; do
  [ -e "$flag" ] || continue
  printf 'flag %s\\n' "$flag"
  if [ -r "$flag.pkgs" ]; then while IFS= read -r line || [ -n "$line" ]; do printf 'pkg %s\\n' "$line"; done <"$flag.pkgs"; fi
  break
done
if command -v needrestart >/dev/null; then NEEDRESTART_MODE=l needrestart -b -k | grep '^NEEDRESTART-KSTA:'; fi`,
    newestKernel.sh,
  ),
  cap: 131_072,
  parse: onSuccess(parse),
}

function parse(out: string): Result<RebootRequired> {
  const all = linesOf(out)
  const packages = all.flatMap((line) => (line.startsWith('pkg ') ? [cut(line.slice(4).trim(), 128)] : []))
  const decide = (needed: RebootRequired['needed'], why: string) =>
    ok({ needed, why, packages: [...new Set(packages)].slice(0, 100) })
  const flag = all.find((line) => line.startsWith('flag '))?.slice(5)
  if (flag !== undefined) return decide('yes', `${flag} is there`)
  const kernels = newestKernel.parse(out, 0)
  if (!kernels.ok) return unknown(kernels.why)
  const { outdated, passedOver, why, newest, running } = kernels.value
  if (outdated === 'yes' && passedOver === true)
    return decide('no', `${running} was started although ${newest} was installed: the boot loader prefers it`)
  if (outdated === 'yes') return decide('yes', why)
  const ksta = all
    .find((line) => line.startsWith('NEEDRESTART-KSTA:'))
    ?.slice('NEEDRESTART-KSTA:'.length)
    .trim()
  // The newest of its flavour runs: needrestart compares across flavours. Only a new build of one release it sees better.
  if (outdated === 'no' && (ksta !== '2' || isBuildKnown(all))) return decide('no', why)
  if (ksta === '2' || ksta === '3') return decide('yes', 'needrestart: a newer kernel is installed')
  if (ksta === '1') return decide('no', 'needrestart: the running kernel is current')
  return decide('unknown', kernels.value.why)
}

/** Whether the build that runs was compared as well, and not its release alone; a container runs none of its own. */
function isBuildKnown(all: readonly string[]): boolean {
  return all.includes('container') || all.some((line) => /^build .*\bDebian \S/.test(line))
}
