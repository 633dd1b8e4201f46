import { type Sh, sh } from './sh'

/** Between what a command printed and what it said on stderr. */
const MARK = '\x1e'
const STDERR_BYTES = 1_000
/** What an answer may be longer by. */
export const HEARD_BYTES = STDERR_BYTES + MARK.length

/**
 * The command, with the end of what it says on stderr behind what it prints: where only one channel is read, a command that
 * fails would say nothing of why. Its exit code stays its own. Read the answer with `heard`.
 */
export function withStderr(run: Sh): Sh {
  return sh`( exec 3>&1
e=$( { ( ${run}
) 2>&1 >&3 3>&-; printf ';%s' "$?"; } | tail -c ${STDERR_BYTES} )
printf '\\036%s' "\${e%;*}"
exit "\${e##*;}" )`
}

/** What a command that was run by `withStderr` printed, and what it said on stderr. */
export function heard(output: string): { readonly printed: string; readonly stderr: string } {
  const at = output.lastIndexOf(MARK)
  return at < 0 ? { printed: output, stderr: '' } : { printed: output.slice(0, at), stderr: output.slice(at + 1) }
}
