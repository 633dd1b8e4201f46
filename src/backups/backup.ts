import type { Fact } from '../facts/fact'
import type { SpaceNeed } from '../packages/space-need'
import type { Step } from '../plan/step'
import type { Observation, StageInput } from '../stages/stage'

/** One backup of the maintenance file, ready to be planned. A new kind is one file and one line in backups.ts. */
export interface Backup {
  /** Unique on the host: `archive:/etc`, `command:snapshot`. */
  readonly id: string
  /** Why it cannot be made with the rights of this session; undefined: it can. */
  readonly needsRoot?: string
  readonly facts: readonly Fact<unknown>[]
  /** The most it may write; undefined: not known beforehand. */
  readonly need: (x: StageInput) => SpaceNeed | undefined
  readonly steps: (x: StageInput) => readonly Step[]
  /** Said before it is made: that it lies on the disk it protects, that nothing proves it. */
  readonly warnings: (x: StageInput) => readonly Observation[]
  /** What was made, from the results of its steps. */
  readonly made: (x: StageInput) => readonly Observation[]
}
