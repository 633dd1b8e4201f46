import { parseDf } from '../facts/df'
import { parseDiskstats } from '../facts/disk-io'
import { onSuccess } from '../facts/exit'
import { ok, type Result, unknown } from '../facts/fact'
import { type Load, parseLoad, readLoad } from '../facts/load'
import { type Memory, parseMeminfo } from '../facts/memory'
import { type Sh, sh } from '../shell/sh'

/** How full one file system is, 0 to 1. */
export interface Fill {
  readonly mount: string
  readonly source: string
  readonly used: number
}

/** What may go over a limit, at one moment. A part that could not be read is unknown, and so is its limit. */
export interface Sample {
  readonly load: Result<Load>
  readonly memory: Result<Memory>
  readonly disks: Result<readonly Fill[]>
  readonly inodes: Result<readonly Fill[]>
  /** Milliseconds each disk was busy since the boot. */
  readonly busyMs: Result<ReadonlyMap<string, number>>
}

/** Bytes enough for three samples of a host with hundreds of mounts. */
export const SAMPLE_BYTES = 1_048_576

/**
 * Several samples in one read-only program, with a pause between them. Each line of a command is behind a word of ours, so that no
 * text of the host can look like the beginning of a part; the exit code of each command comes last.
 */
export function takeSamples(count: number, pauseSeconds: number): Sh {
  return sh`part() { name=$1; shift; out=$("$@"); rc=$?; printf '%s\\n' "$out" | sed "s/^/$name /"; printf 'rc %s %s\\n' "$name" "$rc"; }
averages() { ${readLoad}; }
space() { df -Pkl 2>/dev/null || df -Pk; }
inodes() { df -Pil 2>/dev/null || df -Pi; }
left=${count}
while :; do
  echo sample
  part load averages
  part memory cat /proc/meminfo
  part disks space
  part inodes inodes
  part busy cat /proc/diskstats
  left=$((left - 1))
  [ "$left" -gt 0 ] || break
  sleep ${pauseSeconds}
done
echo end`
}

/** Samples in their order. Unknown as a whole where the program did not come to its end. */
export function parseSamples(out: string): Result<readonly Sample[]> {
  const lines = out.split('\n')
  if (lines.filter((line) => line === 'end').length !== 1) return unknown('the samples were cut off')
  const starts = lines.flatMap((line, index) => (line === 'sample' ? [index] : []))
  return ok(starts.map((start, index) => parseSample(lines.slice(start + 1, starts[index + 1]))))
}

function parseSample(lines: readonly string[]): Sample {
  const text = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`${name} `) ? [`${line.slice(name.length + 1)}\n`] : [])).join('')
  const code = (name: string): number => {
    const said = lines.find((line) => line.startsWith(`rc ${name} `))?.slice(`rc ${name} `.length)
    return said !== undefined && /^\d{1,3}$/.test(said) ? Number(said) : 255
  }
  return {
    load: onSuccess(parseLoad)(text('load'), code('load')),
    memory: onSuccess(parseMeminfo)(text('memory'), code('memory')),
    disks: fills(text('disks'), code('disks')),
    inodes: fills(text('inodes'), code('inodes')),
    busyMs: onSuccess(busyTimes)(text('busy'), code('busy')),
  }
}

/** df ends with 1 when one of many file systems cannot be looked at: the rows it printed are whole. */
function fills(out: string, rc: number): Result<readonly Fill[]> {
  const rows = parseDf(out)
  if (rc !== 0 && !(rc === 1 && rows.length > 0)) return unknown(`df ended with exit code ${rc}`)
  return ok(
    rows
      .filter((row) => row.used + row.free > 0)
      .map((row) => ({ mount: row.mount, source: row.source, used: row.used / (row.used + row.free) })),
  )
}

function busyTimes(out: string): Result<ReadonlyMap<string, number>> {
  const disks = parseDiskstats(out)
  return disks.ok ? ok(new Map(disks.value.map((disk) => [disk.device, disk.busyMs]))) : disks
}
