import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'

export type SelinuxMode = 'enforcing' | 'permissive' | 'disabled'

/** Source: selinux(8), /sys/fs/selinux/enforce; the file is not there where SELinux is off. */
export const selinux: Fact<SelinuxMode> = {
  id: 'selinux',
  sh: sh`[ -d /sys/fs ] || exit 1
if [ -e /sys/fs/selinux/enforce ]; then IFS= read -r mode </sys/fs/selinux/enforce || [ -n "$mode" ] || exit 1; else mode=off; fi
printf '%s\\n' "$mode"`,
  cap: 64,
  parse: onSuccess((out) => {
    const mode = new Map<string, SelinuxMode>([
      ['1', 'enforcing'],
      ['0', 'permissive'],
      ['off', 'disabled'],
    ]).get(out.trim())
    return mode === undefined ? unknown('the mode of SELinux is in an unknown form') : ok(mode)
  }),
}
