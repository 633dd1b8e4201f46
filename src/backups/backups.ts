import type { HostConfig } from '../config/schema'
import { archiveBackup } from './archive'
import type { Backup } from './backup'
import { commandBackup } from './command'

/** The backups of a host, in the order of the maintenance file. */
export function backupsOf(host: HostConfig): readonly Backup[] {
  return host.stages.prepare.backup.map((entry, index) => {
    if ('archive' in entry && entry.archive) return archiveBackup(entry.archive)
    if ('command' in entry && entry.command) return commandBackup(entry.command, index + 1, host)
    throw new Error(`a backup of an unknown kind passed the schema: ${Object.keys(entry).join(', ')}`)
  })
}
