import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'

/** Sizes in /boot; 0 where there is none (containers, hosts without an initramfs). */
export interface BootImages {
  readonly largestInitramfsBytes: number
  readonly largestKernelBytes: number
}

export const bootImages: Fact<BootImages> = {
  id: 'boot-images',
  sh: sh`for f in /boot/initrd.img-* /boot/initramfs-* /boot/initrd-*; do [ ! -f "$f" ] || printf 'i %s\\n' "$(stat -c %s "$f")"; done
for f in /boot/vmlinuz-* /boot/vmlinux-*; do [ ! -f "$f" ] || printf 'k %s\\n' "$(stat -c %s "$f")"; done
exit 0`,
  cap: 16_384,
  parse: onSuccess(parse),
}

function parse(out: string): Result<BootImages> {
  const rows = out.split('\n').filter((l) => l !== '')
  if (!rows.every((row) => /^[ik] \d{1,15}$/.test(row)))
    return unknown('the sizes of the boot images could not be read')
  const largest = (kind: string) =>
    Math.max(0, ...rows.filter((r) => r.startsWith(kind)).map((r) => Number(r.slice(2))))
  return ok({ largestInitramfsBytes: largest('i'), largestKernelBytes: largest('k') })
}
