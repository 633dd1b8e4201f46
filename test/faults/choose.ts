import type { Fault } from './fault'
import { stageOfPoints } from './point'
import { shuffled } from './random'
import type { Variant } from './scenario'
import type { StrikeWant } from './strike'

export interface Choice {
  readonly faults: readonly Fault[]
  readonly variants: readonly Variant[]
  readonly at: string | null
  /** By variant, as a run without a strike had them. */
  readonly points: ReadonlyMap<Variant, readonly string[]>
  readonly random: () => number
}

/** Every strike there is for a choice; what is slow comes last, so that a campaign that is short of time has the most. */
export function strikesOf(choice: Choice): readonly StrikeWant[] {
  const all = choice.faults.flatMap((fault) =>
    choice.variants.flatMap((variant) => strikesWith(fault, variant, choice)),
  )
  return shuffled(all, choice.random)
}

function strikesWith(fault: Fault, variant: Variant, choice: Choice): readonly StrikeWant[] {
  // The dead man has nothing to undo where the undo lies on a helper, and only there is a helper.
  if (fault.name === 'dead-man' && variant === 'balancer') return []
  if (fault.name === 'helper-cut' && variant !== 'balancer') return []
  const points = choice.points.get(variant) ?? []
  const stages = stageOfPoints(points)
  const end = fault.until === undefined ? points.length : points.indexOf(fault.until) + 1
  const isWanted = (point: string) => {
    const stage = stages.get(point) ?? null
    if (fault.onlyIn !== undefined && !(stage !== null && fault.onlyIn.includes(stage))) return false
    return choice.at === null || stage === choice.at || point.includes(choice.at)
  }
  return points
    .slice(0, end)
    .filter(isWanted)
    .map((point) => wantOf(fault, variant, point, stages.get(point) ?? null, choice.random))
}

const BROKEN_SHARE = 0.15
const CRON_SHARE = 0.2
const BOTH_SHARE = 0.25

function wantOf(fault: Fault, variant: Variant, point: string, stage: string | null, random: () => number): StrikeWant {
  const [broken, cron, both] = [random(), random(), random()]
  return {
    variant,
    fault,
    point,
    // A service that is broken never comes to golive.
    isBroken: stage !== 'golive' && stage !== null && broken < BROKEN_SHARE,
    secondMode: cron < CRON_SHARE ? 'run' : 'recover',
    // A runner that dies costs no second host; one that lives works on it for a quarter of a minute.
    alone: !fault.killsRunner && both >= BOTH_SHARE,
  }
}
