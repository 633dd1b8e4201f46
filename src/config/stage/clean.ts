import { z } from 'zod'
import { whyNotCleaned } from '../../clean/paths'
import { duration, hostPath, later, laterOff, listOrOff, orOff, size } from '../values'
import { stage } from './hooks'

/** What is never cleaned, and nothing below it (H23), is refused here: nobody should find that out at night. */
const cleanable = hostPath
  .transform((path) => path.replace(/(?<=[^/])\/+$/, ''))
  .superRefine((path, x) => {
    const why = whyNotCleaned(path, [])
    if (why !== null) x.addIssue({ code: 'custom', message: why })
  })

const cleanPath = z.strictObject({
  path: cleanable.describe('A folder on the host.'),
  match: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[^/\x00-\x1f\x7f]+$/, 'expected a pattern on file names, without "/"')
    .default('*'),
  older_than: duration.prefault('30d'),
})

export const clean = stage({
  package_cache: z.boolean().default(true).describe('Packages fetched earlier; never those of this run.'),
  orphans: z.boolean().default(false).describe('Packages that nothing needs any more.'),
  kernels: z.boolean().default(true).describe('Old kernels; the running, the newest and one earlier stay.'),
  journald: orOff(size).default(false).describe('Shrink the journal to this size.'),
  temp: z.boolean().default(true).describe('Temporary files, by the rules of systemd-tmpfiles.'),
  disks: laterOff('disks'),
  hardware: laterOff('hardware'),
  paths: listOrOff(cleanPath).prefault([]).describe('Old files of your own.'),
  hands: listOrOff(later('hands')).optional(),
  containers: laterOff('containers'),
  snaps: laterOff('snaps'),
  core_dumps: laterOff('core_dumps'),
})

/** Defaults of the contract that this version does not do: off, and named in every plan. */
export const OFF_FOR_NOW: readonly string[] = ['stages.clean.disks', 'stages.clean.hardware']
