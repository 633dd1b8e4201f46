import type { Lab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import type { PitstopRun } from './pitstop-run'

/** What a fault may lay hands on. */
export interface Scene {
  readonly lab: Lab
  /** The host that is struck. */
  readonly host: LabHost
  readonly run: PitstopRun
}

/** Puts right what a person would before the next run: power on, cable in, disk freed. */
export type Repair = () => Promise<void>

export interface Fault {
  readonly name: string
  /** For the page. */
  readonly title: string
  /** Returns once the fault is over, or once it lasts until the repair. null: it could not strike any more. */
  strike(scene: Scene): Promise<Repair | null>
  /** The runner dies: no report is expected of it. */
  readonly killsRunner: boolean
  /** Boots that are the fault's own doing. */
  readonly boots: number
  /** The host is away for a time, whatever Pitstop does. */
  readonly takesHostAway: boolean
  /**
   * Whether dpkg itself is interrupted: half configured packages are a fact then, and `held` is the true verdict. A disk
   * that was full before the update began is no excuse: then the update must not begin (H26).
   */
  readonly interruptsDpkg: 'never' | 'in update' | 'always'
  /** Only at points of these stages; left out: at every point. */
  readonly onlyIn?: readonly string[]
  /** Not at points behind this one; left out: at every point. */
  readonly until?: string
  /** Seconds that one strike takes beyond those of a run; what is slow is sampled. */
  readonly slowSeconds: number
}

export const nothingToRepair: Repair = () => Promise.resolve()

/** What most faults are like. */
export const plain = {
  killsRunner: false,
  boots: 0,
  takesHostAway: false,
  interruptsDpkg: 'never',
  slowSeconds: 0,
} as const
