import { readdirSync, readFileSync } from 'node:fs'

/** Variable that every process of the demo's hosts carries, with a value that only this demo has. */
export const MARK = 'PITSTOP_DEMO'

/**
 * Ends what the demo's hosts still run: services, and programs that live on by design when their connection is gone.
 * Found by the mark in their environment, so nothing else is ever met. Processes that ignore SIGTERM are killed.
 */
export async function endMarkedProcesses(value: string): Promise<void> {
  for (const [signal, rounds] of [
    ['SIGTERM', 20],
    ['SIGKILL', 20],
  ] as const) {
    for (let round = 0; round < rounds; round++) {
      const pids = markedProcesses(value)
      if (pids.length === 0) return
      // A script that is ending may start one more program: each round looks again.
      for (const pid of pids) send(pid, signal)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

/** Processes that carry the mark, this one excepted. */
function markedProcesses(value: string): readonly number[] {
  const wanted = `${MARK}=${value}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => environmentOf(name).includes(wanted))
    .map(Number)
}

/** Empty for a process that is gone, is a zombie, or belongs to somebody else. */
function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0')
  } catch {
    return []
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It ended meanwhile.
  }
}
