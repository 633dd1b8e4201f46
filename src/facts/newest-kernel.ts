import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { compareReleases, isSameFlavour } from './kernel-version'
import { decimal, linesOf } from './text'

export interface NewestKernel {
  readonly running: string
  /** Every installed kernel release, oldest first. */
  readonly installed: readonly string[]
  /** The newest installed one of the running flavour; null where none is installed. */
  readonly newest: string | null
  /** Whether a reboot would start a newer kernel. */
  readonly outdated: 'yes' | 'no' | 'unknown'
  readonly why: string
  /** The newest was on the disk when this boot began, and the boot loader started the one that runs; left out: not known. */
  readonly passedOver?: boolean
}

/**
 * Running against installed kernels, by parsed versions of one flavour (a comparison of strings gives false alarms).
 * A container runs the kernel of its machine: nothing there is ever outdated. On Debian the image package can be replaced under
 * the same release; then its version differs from the one in `uname -v`.
 */
export const newestKernel: Fact<NewestKernel> = {
  id: 'newest-kernel',
  sh: sh`release=$(uname -r) || exit 1
printf 'running %s\\n' "$release"
[ ! -e /run/systemd/container ] && [ ! -e /.dockerenv ] && [ ! -e /run/.containerenv ] || echo container
for file in /boot/vmlinuz-[0-9]* /boot/vmlinux-[0-9]*; do
  [ -e "$file" ] && printf 'image %s\\n' "\${file#/boot/vmlinu?-}"
  ! changed=$(stat -Lc %Z "$file" 2>/dev/null) || printf 'since %s %s\\n' "$changed" "\${file#/boot/vmlinu?-}"
done
read -r up _ </proc/uptime && printf 'booted %s\\n' "$(($(date +%s) - \${up%%.*}))"
for dir in /lib/modules/[0-9]*; do
  [ -e "$dir/modules.dep" ] && [ -d "$dir/kernel" ] && printf 'modules %s\\n' "\${dir#/lib/modules/}"
done
if [ -e "/var/lib/dpkg/info/linux-image-$release.list" ]; then
  printf 'build %s\\n' "$(uname -v)"
  printf 'package %s\\n' "$(dpkg-query -W -f '\${Version}' "linux-image-$release")"
fi
exit 0`,
  cap: 65_536,
  parse: onSuccess(parse),
}

function parse(out: string): Result<NewestKernel> {
  const said = (word: string) =>
    linesOf(out)
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1))
  const running = said('running')[0] ?? ''
  if (!/^\d[A-Za-z0-9._+~-]{1,127}$/.test(running)) return unknown('uname answered in an unknown form')
  const images = said('image')
  // Where /boot holds no versioned image (Alpine, Arch), the folders of modules tell what is installed.
  const found = images.length > 0 ? images : said('modules')
  const installed = [...new Set(found.filter((release) => /^\d+\.\d[A-Za-z0-9._+~-]{0,120}$/.test(release)))]
  installed.sort(compareReleases)
  const newest = installed.filter((release) => isSameFlavour(release, running)).at(-1) ?? null
  const isContainer = linesOf(out).includes('container')
  return ok({
    running,
    installed,
    newest,
    ...judge(running, newest, isContainer, said('build')[0], said('package')[0]),
    ...(newest === null ? {} : passedOver(newest, said('since'), said('booted')[0])),
  })
}

/** A clock that was set after the boot moves the moment of the boot; so much of a difference says nothing. */
const SURE_SECONDS = 120

/** Whether the image was put on the disk before the boot: its last change of any kind, which no package brings along. */
function passedOver(
  release: string,
  since: readonly string[],
  booted: string | undefined,
): Pick<NewestKernel, 'passedOver'> {
  const changed = since.find((line) => line.slice(line.indexOf(' ') + 1) === release)?.split(' ')[0]
  const [at, boot] = [decimal(changed), decimal(booted)]
  return at === undefined || boot === undefined ? {} : { passedOver: at < boot - SURE_SECONDS }
}

type Judged = Pick<NewestKernel, 'outdated' | 'why'>

function judge(running: string, newest: string | null, isContainer: boolean, build?: string, version?: string): Judged {
  if (isContainer) return { outdated: 'no', why: 'a container runs the kernel of its machine' }
  if (newest === null) return { outdated: 'unknown', why: `no installed kernel of the kind of ${running} was found` }
  const order = compareReleases(running, newest)
  if (order < 0) return { outdated: 'yes', why: `${running} runs, ${newest} is installed` }
  if (order > 0) return { outdated: 'unknown', why: `${running} runs, but only ${newest} is installed` }
  const built = /\bDebian (\S+)/.exec(build ?? '')?.[1]
  if (built !== undefined && version && built !== version) {
    return { outdated: 'yes', why: `${running} runs in build ${built}, ${version} is installed` }
  }
  return { outdated: 'no', why: `${running} is the newest installed kernel` }
}
