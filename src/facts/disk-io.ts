import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { decimal, linesOf } from './text'

export interface DiskIo {
  readonly device: string
  /** Completed since the boot. */
  readonly reads: number
  readonly writes: number
  /** Milliseconds in which at least one request was under way, since the boot. */
  readonly busyMs: number
}

/** Counters of whole disks. Source: Documentation/admin-guide/iostats.rst of the kernel. */
export const diskIo: Fact<readonly DiskIo[]> = {
  id: 'disk-io',
  sh: sh`cat /proc/diskstats`,
  cap: 1_048_576,
  parse: onSuccess(parseDiskstats),
}

/** Whole disks only: their parts, loops and RAM disks say nothing new. */
const WHOLE_DISK = /^(?:(?:sd|vd|xvd|hd)[a-z]+|nvme\d+n\d+|mmcblk\d+|dasd[a-z]+|md\d+)$/

export function parseDiskstats(out: string): Result<readonly DiskIo[]> {
  const found: DiskIo[] = []
  for (const line of linesOf(out)) {
    const fields = line.trim().split(/\s+/)
    const device = fields[2] ?? ''
    if (fields.length < 14) return unknown('/proc/diskstats is in an unknown form')
    if (!WHOLE_DISK.test(device)) continue
    const [reads, writes, busyMs] = [decimal(fields[3]), decimal(fields[7]), decimal(fields[12])]
    if (reads === undefined || writes === undefined || busyMs === undefined)
      return unknown(`the counters of ${device} are in an unknown form`)
    found.push({ device, reads, writes, busyMs })
  }
  return ok(found)
}
