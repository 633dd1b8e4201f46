import { z } from 'zod'
import { later, listOrOff, orOff, share, wait } from '../values'
import { stage } from './hooks'

const limits = z.strictObject({
  load_per_core: orOff(z.number().positive()).default(4).describe('Load average of one minute for each core.'),
  memory_available: orOff(share).prefault('5%').describe('At least this much memory is available.'),
  disk_used: orOff(share).prefault('95%').describe('At most this much of a file system is used.'),
  inodes_used: orOff(share).prefault('95%').describe('At most this many of its inodes are used.'),
})

const NO_LIMITS = { load_per_core: false, memory_available: false, disk_used: false, inodes_used: false } as const

export const monitor = stage({
  sample: wait.prefault('30s').describe('The whole span of three samples.'),
  limits: orOff(limits)
    .transform((set) => (set === false ? NO_LIMITS : set))
    .prefault({})
    .describe('All three samples over a limit: the host is left alone.'),
  prometheus: listOrOff(later('prometheus')).optional(),
  broken: z
    .enum(['stop', 'continue'])
    .default('stop')
    .describe('A declared check failed before anything changed: leave the host alone, or go on.'),
})
