import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { cut, linesOf } from './text'

export interface KernelErrors {
  /** Lines of priority error and worse of this boot, at most 200. */
  readonly count: number
  /** The last of them: host text. */
  readonly last: readonly string[]
}

/**
 * Errors of the kernel since the boot. Without root or a group that may read the journal the answer would be silently
 * partial, so it is not asked then. Source: journalctl(1), dmesg(1).
 */
export const kernelErrors: Fact<KernelErrors> = {
  id: 'kernel-errors',
  costMs: 12,
  sh: sh`case "$(id -u):" in
0:) ;;
*) case " $(id -nG) " in *' systemd-journal '* | *' adm '*) ;; *) exit 77 ;; esac ;;
esac
if command -v journalctl >/dev/null; then journalctl --quiet --dmesg --boot --priority=3 --lines=200 --output=cat --no-pager; exit; fi
dmesg --level=emerg,alert,crit,err --notime | tail -n 200`,
  cap: 1_048_576,
  parse: onSuccess((out) => {
    const errors = linesOf(out)
    return ok({ count: Math.min(errors.length, 200), last: errors.slice(-5).map((line) => cut(line.trim(), 300)) })
  }),
}
