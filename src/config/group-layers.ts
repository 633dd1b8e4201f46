import type { z } from 'zod'
import type { Problem } from '../errors'
import { check } from './explain'
import type { WindowConfig } from './schema'
import { PREPARE_ITEMS } from './stage/prepare'
import { type Rollout, rollout, type StagesConfig, stages } from './stages'
import { descend, linesOf, overlay, type TreeNode, treeOf } from './tree'
import { readWindows } from './window-rules'

/** What holds for every host of one group. */
export interface GroupLayer {
  readonly stagesTree: TreeNode
  readonly stages: StagesConfig | undefined
  readonly rollout: Rollout | undefined
  readonly window: readonly WindowConfig[]
  readonly lines: Readonly<Record<string, number>>
  readonly problems: readonly Problem[]
}

const ITEMS = treeOf({ prepare: PREPARE_ITEMS })
const EMPTY = treeOf({})

/** Lays a group's stages, rollout and window over those of the file and checks what comes out. */
export function layGroup(root: TreeNode, group: string | null): GroupLayer {
  const over = (key: string) => (group === null ? undefined : descend(root, ['groups', group, key]))
  const stagesTree = overlay(overlay(ITEMS, descend(root, ['stages'])), over('stages')) ?? EMPTY
  const rolloutTree = overlay(descend(root, ['rollout']), over('rollout')) ?? EMPTY
  const windowTree = overlay(descend(root, ['window']), over('window'))
  const checkedStages = check<z.ZodType<StagesConfig>>(stages, stagesTree)
  const checkedRollout = check<z.ZodType<Rollout>>(rollout, rolloutTree)
  const windows = readWindows(windowTree)
  return {
    stagesTree,
    stages: checkedStages.value,
    rollout: checkedRollout.value,
    window: windows.windows,
    lines: { ...linesOf(stagesTree, 'stages'), ...linesOf(rolloutTree, 'rollout'), ...linesOf(windowTree, 'window') },
    problems: [...checkedStages.problems, ...checkedRollout.problems, ...windows.problems],
  }
}
