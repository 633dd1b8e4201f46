import { quote } from '../shell/sh'

/** Shells that know `-o pipefail` in every version anybody runs; others are asked where the script runs. */
const KNOWS_PIPEFAIL = /^(?:bash|ksh93|zsh)$/
const IS_SHELL = /^(?:sh|bash|dash|ash|zsh|[a-z]*ksh(?:93)?)$/

/** What runs a script: the words of its `#!` line, and whether it is a shell, which is then told to stop at a failure. */
export interface Interpreter {
  readonly words: readonly string[]
  /** `asks`: a shell that may not know `-o pipefail`; `knows`: one that does; null: no shell, or one nobody knows. */
  readonly shell: 'asks' | 'knows' | null
}

/**
 * The `#!` line as the kernel reads it: one program and at most one argument, all the rest of the line.
 * @param without what runs a script that has no such line
 */
export function interpreterOf(text: string, without: 'sh' | 'bash'): Interpreter {
  const line = /^#!\s*(\S+)[ \t]*([^\r\n]*)/.exec(text)
  if (line?.[1] === undefined) return { words: [without], shell: without === 'sh' ? 'asks' : 'knows' }
  const given = line[2]?.trim() ?? ''
  const name = nameOf(line[1], given)
  const isShell = IS_SHELL.test(name)
  // `#!/bin/sh -` ends the options of a shell: ours would be taken for the script.
  const argument = isShell && /^--?$/.test(given) ? '' : given
  const words = argument === '' ? [quote(line[1])] : [quote(line[1]), quote(argument)]
  return { words, shell: isShell ? (KNOWS_PIPEFAIL.test(name) ? 'knows' : 'asks') : null }
}

/** The name of the program itself, behind `env`, its options and `busybox`. */
function nameOf(program: string, argument: string): string {
  const base = program.slice(program.lastIndexOf('/') + 1)
  if (base !== 'env' && base !== 'busybox') return base
  const behind = argument.split(/\s+/).find((word) => word !== '' && !word.startsWith('-') && !word.includes('='))
  return behind === undefined ? base : behind.slice(behind.lastIndexOf('/') + 1)
}
