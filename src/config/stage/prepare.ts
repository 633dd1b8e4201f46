import { z } from 'zod'
import { hostPath, later, listOrOff, name, orOff, positiveWait, size } from '../values'
import { command, envMap, shell } from './command-keys'
import { stage } from './hooks'

function isArchivable(path: string): boolean {
  return /[^/]/.test(path) && !/^\/+(?:proc|sys|dev|run)(?:\/|$)/.test(path)
}

const archive = z.strictObject({
  paths: z
    .array(
      hostPath.refine(
        isArchivable,
        'an archive of / or of what the kernel shows below /proc, /sys, /dev or /run has no end',
      ),
    )
    .min(1)
    .describe('Folders and files on the host.'),
  to: hostPath.default('/var/backups/pitstop').describe('Folder on the host.'),
  keep: z.int().min(1).max(1000).default(4).describe('So many archives stay, the oldest go.'),
})

const backupCommand = z.strictObject({
  name: name.optional(),
  run: command.describe('Makes the backup.'),
  prove: command.optional().describe('Restores a sample; without it the backup counts as not proved.'),
  timeout: positiveWait.prefault('1h'),
  env: envMap,
  shell,
})

const backup = z.union([
  z.strictObject({ archive }).describe('A tar archive, proved by restoring a sample.'),
  z.strictObject({ command: backupCommand }).describe('A backup of your own.'),
  ...['restic', 'borg', 'postgres', 'mysql', 'snapshot'].map((kind) => z.strictObject({ [kind]: later(kind) })),
])

/** Items that are on without being written, as they would be written: single ones can be changed or switched off. */
export const PREPARE_ITEMS = {
  backup: [{ archive: { paths: ['/etc'], to: '/var/backups/pitstop', keep: 4 } }],
  space: { '/': '1GB', '/boot': '200MB' },
}

const space = z
  .record(hostPath, orOff(size))
  .transform((needs) =>
    Object.fromEntries(Object.entries(needs).filter((need): need is [string, number] => need[1] !== false)),
  )

export const prepare = stage({
  backup: listOrOff(backup)
    .prefault(PREPARE_ITEMS.backup)
    .describe('Proved before anything is disturbed. Default: an archive of /etc.'),
  download: z
    .boolean()
    .default(true)
    .describe('Packages for the update and for a rollback, fetched before anything is disturbed.'),
  space: orOff(space).prefault(PREPARE_ITEMS.space).describe('Free space that must be there, by mount point.'),
})
