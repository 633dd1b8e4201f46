import { lines, reviewed, type Sh } from './sh'

/**
 * A command whose script comes along in its own text: it reaches the interpreter through a file descriptor, so nothing is
 * left on a disk, and an undo that is found after a crash is whole.
 */
export function inlineScript(run: Sh, script: { readonly text: string; readonly sha256: string } | undefined): Sh {
  if (script === undefined) return run
  const end = `PITSTOP_${script.sha256}`
  const text = script.text.endsWith('\n') ? script.text : `${script.text}\n`
  return lines(
    reviewed('PITSTOP_SCRIPT=/dev/fd/9; export PITSTOP_SCRIPT'),
    reviewed(`{ ${run.text}\n} 9<<'${end}'\n${text}${end}`),
  )
}
