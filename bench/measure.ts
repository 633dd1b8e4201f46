import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export interface Measured {
  readonly title: string
  readonly exitCode: number | null
  readonly wallMs: number
  /** User and system time of the program and of all children it waited for. */
  readonly cpuMs: number
  /** Largest sum, over its processes, of memory that is theirs (shared pages divided), sampled. */
  readonly peakBytes: number
  readonly output: string
}

/** Looking through all processes takes milliseconds: at twenty times a second it took a tenth of a processor from what it measures. */
const SAMPLE_MS = 250

/** Runs one program to its end. bash tells the CPU time, /proc the memory of its process group. */
export async function measure(
  title: string,
  command: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<Measured> {
  const beganMs = performance.now()
  const child = spawn('bash', ['-c', 'rc=0; { time "$@" 2>&1 || rc=$?; } 2>&3; exit $rc', 'bash', ...command], {
    ...options,
    env: { ...options.env, TIMEFORMAT: '%U %S' },
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  })
  let peakBytes = 0
  const sampler = setInterval(() => {
    peakBytes = Math.max(peakBytes, memoryOfGroup(child.pid ?? 0))
  }, SAMPLE_MS)
  const [output, times, exitCode] = await Promise.all([
    text(child.stdio[1]),
    text(child.stdio[3]),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  clearInterval(sampler)
  const cpuMs = times
    .trim()
    .split(/\s+/)
    .reduce((ms, seconds) => ms + Number(seconds) * 1000, 0)
  return { title, exitCode, wallMs: performance.now() - beganMs, cpuMs, peakBytes, output }
}

async function text(stream: unknown): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Proportional set size of every process of the group: what forks share is counted once. */
function memoryOfGroup(group: number): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.reduce((bytes, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) /s, '')
        .split(' ')
      if (Number(fields[2]) !== group) return bytes
      const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))
      return bytes + Number(pss?.[1] ?? 0) * 1024
    } catch {
      // It ended meanwhile.
      return bytes
    }
  }, 0)
}

/** One line a program, and how many times as long as `base` each took. */
export function table(rows: readonly Measured[], base: Measured): string {
  const cells = rows.map((r) => [
    r.title,
    `${(r.wallMs / 1000).toFixed(2)} s`,
    `${(r.wallMs / base.wallMs).toFixed(2)} x`,
    `${(r.cpuMs / 1000).toFixed(2)} s`,
    `${Math.round(r.peakBytes / 2 ** 20)} MB`,
    r.exitCode === 0 ? 'ok' : `exit ${r.exitCode}`,
  ])
  const all = [['', 'wall', 'ratio', 'CPU', 'peak', ''], ...cells]
  const widths = (all[0] ?? []).map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)))
  return all
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .join('\n')
}
