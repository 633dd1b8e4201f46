import type { Place } from '../plan/step'
import { type Sh, sh } from '../shell/sh'

const named = (program: string, ending: string) => `^[0-9]+-[0-9]+-${program}-[0-9]+-[0-9]+\\.${ending}$`

/** Those of the machine itself, which the dead man's timer undoes. */
export const OWN_UNDOS = named('[a-z]+', 'sh')

/**
 * The names of the undo files of one host, for `grep -E`: at a helper the files of several hosts lie side by side, and those
 * of another host are none of its business.
 */
export function undoFilesOf(host: string, place: Place): string {
  return place === 'host' ? OWN_UNDOS : named(`${host.replaceAll('.', '\\.')}-[a-z]+`, 'sh')
}

/** The machine's own undos mean nothing any more, done or not. It may be a helper too: what it keeps for others stays. */
export function forgetOwnUndos(stateDir: string): Sh {
  const folder = `${stateDir}/undo`
  return sh`ls ${folder} 2>/dev/null | grep -E ${named('[a-z]+', '(sh|done)')} | while IFS= read -r f; do rm -f ${folder}/"$f" || exit 1; done`
}
