import { changingOptions, READ_ONLY } from '../packages/apt-options'
import { type Sh, sh } from '../shell/sh'

/**
 * Removes exactly these packages. It is simulated first on the host: if anything else would go, or anything would be
 * installed, nothing is done.
 */
export function aptPurgeExactly(names: readonly string[], lockWaitMs: number): Sh {
  return sh`plan=$(LC_ALL=C apt-get -s ${READ_ONLY} purge ${names}) || exit 1
printf '%s\\n' "$plan" | while read -r act name _; do
  case $act in
    Inst) echo "removing these packages would install $name" >&2; exit 1 ;;
    Remv | Purg) case ${` ${names.join(' ')} `} in *" $name "*) ;; *) echo "removing these packages would also remove $name" >&2; exit 1 ;; esac ;;
  esac
done || exit 1
apt-get ${changingOptions(lockWaitMs)} purge ${names}`
}
