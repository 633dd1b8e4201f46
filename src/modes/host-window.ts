import { createHash } from 'node:crypto'
import { nextOpening } from '../config/openings'
import type { HostConfig, MaintenanceFile } from '../config/schema'
import { admission } from '../config/window'
import { isFrozen } from '../config/zone'

/** "Already done in this window": keyed by the file's name and the opening of the window. */
export function ledgerKeyOf(file: Pick<MaintenanceFile, 'file'>, host: HostConfig, now: Date): string | null {
  const at = admission(host.window, now, { scheduled: false })
  return at.open && at.ledgerOpening !== null ? `${fileHash(file)}@${at.ledgerOpening}` : null
}

export function closesOf(host: HostConfig, now: Date): Date | null {
  const at = admission(host.window, now, { scheduled: false })
  return at.open ? at.closes : null
}

/** The next opening of any of the host's windows that no freeze takes away. */
export function nextDueOf(host: HostConfig, now: Date): Date | null {
  const openings = host.window.flatMap((w) => nextOpening(w, now.getTime(), (at) => !isFrozen(w, at)) ?? [])
  return openings.length === 0 ? null : new Date(Math.min(...openings))
}

export const fileHash = (file: Pick<MaintenanceFile, 'file'>) =>
  createHash('sha256').update(file.file).digest('hex').slice(0, 16)
