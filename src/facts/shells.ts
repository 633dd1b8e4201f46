import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'

/** What the shells of a machine can do for commands of the maintenance file. */
export interface Shells {
  /** `sh` sees a failure in the middle of a pipe; dash of Debian 12 does not. */
  readonly pipefail: boolean
  readonly bash: boolean
}

/** Source: POSIX.1-2024, set, `-o pipefail`; the option is tried in a shell of its own. */
export const shells: Fact<Shells> = {
  id: 'shells',
  sh: sh`if (set -o pipefail) 2>/dev/null; then echo pipefail; fi
if command -v bash >/dev/null; then echo bash; fi
echo end`,
  cap: 256,
  parse: onSuccess((out) => {
    const words = out.trim().split('\n')
    if (words.at(-1) !== 'end') return unknown('what the shells can do was not told')
    return ok({ pipefail: words.includes('pipefail'), bash: words.includes('bash') })
  }),
}
