import { createHash } from 'node:crypto'
import { nextOpening } from '../config/openings'
import type { HostConfig, MaintenanceFile, WindowConfig } from '../config/schema'
import { type AdmissionOptions, admission } from '../config/window'
import { isFrozen } from '../config/zone'
import type { Admission } from '../engine/fleet-run'

/** The window governs admission, so it is asked again for each host: also whether as much time is left as it takes. */
export function admissionOf(windows: readonly WindowConfig[], now: Date, options: AdmissionOptions): Admission {
  const asked = admission(windows, now, { ...options, p95Ms: null })
  if (!asked.open) return { open: false, reason: asked.sentence, rule: asked.rule }
  if (admission(windows, now, options).open) return { open: true }
  const value = `${Math.ceil((options.p95Ms ?? 0) / 60_000)}m`
  return {
    open: false,
    reason: `the maintenance of this host takes up to ${value} (95th percentile of its last ones), and its window closes at ${asked.closes?.toISOString()}`,
    rule: { name: 'window.cutoff', value, line: asked.rule?.line ?? null },
  }
}

/** "Already done in this window": keyed by the file's name and the opening of the window. */
export function ledgerKeyOf(file: Pick<MaintenanceFile, 'file'>, host: HostConfig, now: Date): string | null {
  const at = admission(host.window, now, { scheduled: false })
  return at.open && at.ledgerOpening !== null ? `${fileHash(file)}@${at.ledgerOpening}` : null
}

export function closesOf(host: HostConfig, now: Date): Date | null {
  const at = admission(host.window, now, { scheduled: false })
  return at.open ? at.closes : null
}

/** By the windows that the hosts of a group share: when it was asked, and what it came to. */
const nextDues = new WeakMap<readonly WindowConfig[], { readonly askedMs: number; readonly dueMs: number | null }>()

/** The next opening of any of the host's windows that no freeze takes away. Until then it stays the next one. */
export function nextDueOf(host: Pick<HostConfig, 'window'>, now: Date): Date | null {
  const nowMs = now.getTime()
  const known = nextDues.get(host.window)
  const isStill = known !== undefined && known.askedMs <= nowMs && (known.dueMs === null || nowMs < known.dueMs)
  const dueMs = isStill ? known.dueMs : nextDueMs(host.window, nowMs)
  if (!isStill) nextDues.set(host.window, { askedMs: nowMs, dueMs })
  return dueMs === null ? null : new Date(dueMs)
}

function nextDueMs(windows: readonly WindowConfig[], nowMs: number): number | null {
  const openings = windows.flatMap((w) => nextOpening(w, nowMs, (at) => !isFrozen(w, at)) ?? [])
  return openings.length === 0 ? null : Math.min(...openings)
}

export const fileHash = (file: Pick<MaintenanceFile, 'file'>) =>
  createHash('sha256').update(file.file).digest('hex').slice(0, 16)
