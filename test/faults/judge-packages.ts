import type { Broken } from './broken'
import { TARGETS } from './scenario'
import type { SceneRecord } from './scene-record'
import type { Witness } from './witness'

/**
 * At the end no package is half installed or half configured. Only where the fault itself interrupted dpkg may a host stay
 * so, and then it is held: to go on by itself would be to guess what a maintainer script had done.
 */
export function judgePackages(record: SceneRecord): readonly Broken[] {
  return TARGETS.flatMap((name) => {
    const look = record.afterSecond.get(name)
    if (look === undefined) return []
    const half = look.packages.filter((one) => !one.endsWith('=installed'))
    if (half.length === 0 && look.audit === '') return []
    const held = record.second.report?.hosts.find((host) => host.name === name)?.verdict === 'held'
    if (isInterrupted(record, look.witness) && held) return []
    return [{ promise: 'packages', sentence: `${name}: ${half.join(' ')} ${look.audit}`.trim() }]
  })
}

/** Room is looked for just before the update: a moment in which the disk fills up is nobody's to see. */
const MOMENT_S = 0.5

function isInterrupted({ fault }: SceneRecord, lines: readonly Witness[]): boolean {
  if (fault === null || fault.interruptsDpkg === 'never') return false
  const at = (what: string) => lines.find((line) => line.what === what)?.at ?? Number.POSITIVE_INFINITY
  return fault.interruptsDpkg === 'always' || at('disk.full') > at('hook.update') - MOMENT_S
}

/** Whether a host was left half configured where that is accepted: told in the table. */
export function isHalfConfigured(record: SceneRecord): boolean {
  return TARGETS.some((name) => {
    const look = record.afterSecond.get(name)
    return look !== undefined && (look.audit !== '' || look.packages.some((one) => !one.endsWith('=installed')))
  })
}
