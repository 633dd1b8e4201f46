import { type Result, unknown } from './fact'

/** Why an exit code other than 0 tells nothing: 127 is the shell's "no such command". */
export function whyExit(rc: number): string {
  return rc === 127 ? 'the command is not on this host' : `the command ended with exit code ${rc}`
}

/** A parser for commands that either succeed or say nothing: any exit code but 0 is unknown. */
export function onSuccess<T>(parse: (out: string) => Result<T>): (out: string, rc: number) => Result<T> {
  return (out, rc) => (rc === 0 ? parse(out) : unknown(whyExit(rc)))
}
