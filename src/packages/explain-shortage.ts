import type { HostConfig } from '../config/schema'
import { ruleAt } from '../stages/rule'
import type { PhasePlan } from '../stages/stage'
import type { findShortage } from './space-need'

type Found = NonNullable<ReturnType<typeof findShortage>>

/** One sentence and the rule behind it. */
export function explainShortage(host: HostConfig, found: Found): NonNullable<PhasePlan['stop']> {
  if ('unknownPath' in found)
    return {
      reason: `The free space for ${found.unknownPath} is unknown`,
      rule: ruleAt(host, 'stages.prepare.space', found.unknownPath),
    }
  const { mount, freeBytes, wantedBytes, declared } = found
  const have = `${mount} has ${inMegabytes(freeBytes)} free (with what clean will free)`
  if (declared === null)
    return {
      reason: `${have}, and the update needs ${inMegabytes(wantedBytes)}`,
      rule: ruleAt(host, 'stages.prepare.space', inMegabytes(wantedBytes)),
    }
  return {
    reason: `${have}, and "space" asks for ${inMegabytes(wantedBytes)} on ${declared}`,
    rule: ruleAt(host, `stages.prepare.space.${declared}`, inMegabytes(wantedBytes)),
  }
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}
