import { readFileSync } from 'node:fs'

/** A process as one machine start knows it: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number
  /** Field 22 of /proc/PID/stat: clock ticks since the machine started. */
  readonly startTicks: string
  readonly bootId: string
}

export function identityOf(pid: number): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return null
    return { pid, startTicks: fields[19] ?? '', bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim() }
  } catch {
    return null
  }
}

export function processIsAlive(pid: number): boolean {
  return identityOf(pid) !== null
}

export function isSameProcess(then: ProcessIdentity): boolean {
  const now = identityOf(then.pid)
  return now !== null && now.startTicks === then.startTicks && now.bootId === then.bootId
}
