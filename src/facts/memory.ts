import { onSuccess } from './exit'
import { type Fact, ok, type Result, unknown } from './fact'
import { readLines } from './read-lines'
import { decimal } from './text'

export interface Memory {
  readonly totalBytes: number
  /** What programs can still have without swapping, as the kernel estimates it. */
  readonly availableBytes: number
  readonly swapTotalBytes: number
  readonly swapFreeBytes: number
}

/** Source: proc_meminfo(5). */
export const memory: Fact<Memory> = {
  id: 'memory',
  sh: readLines('/proc/meminfo'),
  cap: 16_384,
  parse: onSuccess(parseMeminfo),
}

export function parseMeminfo(out: string): Result<Memory> {
  const bytes = (key: string): number | undefined => {
    const kibibytes = decimal(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(out)?.[1])
    return kibibytes === undefined ? undefined : kibibytes * 1024
  }
  const [totalBytes, availableBytes] = [bytes('MemTotal'), bytes('MemAvailable')]
  if (totalBytes === undefined || availableBytes === undefined || totalBytes === 0) {
    return unknown('the kernel does not say how much memory is available')
  }
  return ok({
    totalBytes,
    availableBytes,
    swapTotalBytes: bytes('SwapTotal') ?? 0,
    swapFreeBytes: bytes('SwapFree') ?? 0,
  })
}
