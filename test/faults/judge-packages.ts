import type { Broken } from './broken'
import { pointsOf } from './point'
import { TARGETS } from './scenario'
import type { SceneRecord } from './scene-record'

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
    if (isInterrupted(record) && held) return []
    return [{ promise: 'packages', sentence: `${name}: ${half.join(' ')} ${look.audit}`.trim() }]
  })
}

function isInterrupted({ fault, point, first }: SceneRecord): boolean {
  if (fault === null || fault.interruptsDpkg === 'never') return false
  const points = pointsOf(first.journal.events)
  const begun = points.indexOf('step.begun update/packages.upgrade')
  // The update may begin in the moment in which the disk fills up.
  return fault.interruptsDpkg === 'always' || (begun >= 0 && points.indexOf(point ?? '') >= begun - 1)
}

/** Whether a host was left half configured where that is accepted: told in the table. */
export function isHalfConfigured(record: SceneRecord): boolean {
  return TARGETS.some((name) => {
    const look = record.afterSecond.get(name)
    return look !== undefined && (look.audit !== '' || look.packages.some((one) => !one.endsWith('=installed')))
  })
}
