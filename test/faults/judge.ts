import type { Broken } from './broken'
import { judgeBudget } from './judge-budget'
import { judgeEnds, judgeEvents } from './judge-events'
import { judgeOnce } from './judge-once'
import { judgePackages } from './judge-packages'
import { judgeTraffic } from './judge-traffic'
import { judgeVerdicts } from './judge-verdict'
import type { SceneRecord } from './scene-record'

/** All that a strike broke; empty is good. */
export function judge(record: SceneRecord): readonly Broken[] {
  return [
    ...judgeEnds(record),
    ...judgeTraffic(record),
    ...judgeBudget(record),
    ...judgeVerdicts(record),
    ...judgePackages(record),
    ...judgeEvents(record),
    ...judgeOnce(record),
  ]
}
