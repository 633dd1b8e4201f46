import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'

/**
 * Linux shows every process of the same user the variables a program was started with (`/proc/PID/environ`), from where
 * they lie in its memory: taking one out of `process.env` does not change that. Their values are overwritten in place, by
 * way of the file through which a process may write to its own memory. Call it for variables only that are no longer set.
 * @returns false: this system has no such place, or does not let us write there
 */
export function overwriteInitialValues(names: ReadonlySet<string>): boolean {
  try {
    const block = readFileSync('/proc/self/environ')
    const start = environmentStart(readFileSync('/proc/self/stat', 'latin1'))
    const memory = openSync('/proc/self/mem', 'r+')
    try {
      for (const [from, to] of valuesOf(block, names))
        writeSync(memory, Buffer.alloc(to - from), 0, to - from, start + from)
    } finally {
      closeSync(memory)
    }
    return true
  } catch {
    return false
  }
}

/** Field 50 of proc(5)'s stat, counted behind the name of the program, which may hold anything. @throws where it is none */
function environmentStart(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const start = Number(fields[50 - 3])
  if (!Number.isSafeInteger(start) || start <= 0) throw new Error('the system does not say where the environment lies')
  return start
}

/** Where the values of these variables lie in a block of `NAME=value\0`. Pure. */
function valuesOf(block: Buffer, names: ReadonlySet<string>): readonly (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = []
  for (let at = 0; at < block.length; ) {
    const end = block.indexOf(0, at) === -1 ? block.length : block.indexOf(0, at)
    const equals = block.indexOf('=', at)
    if (equals > at && equals < end && names.has(block.toString('utf8', at, equals))) found.push([equals + 1, end])
    at = end + 1
  }
  return found
}
