import type { Fault } from './fault'
import type { HostLook } from './look'
import type { RunEnd } from './pitstop-run'
import type { Target, Variant } from './scenario'
import type { Seen } from './users'
import type { Witness } from './witness'

/** Everything that is known of one strike, for those who judge it. */
export interface SceneRecord {
  readonly variant: Variant
  readonly fault: Fault | null
  readonly point: string | null
  /** The update brings a service that is not healthy. */
  readonly isBroken: boolean
  readonly secondMode: 'run' | 'recover'
  /** Both runs were of the struck host alone; `recover` is always of all. */
  readonly alone: boolean
  readonly first: RunEnd
  /** After the first run and before any repair; null: its runner was killed, so there is no verdict to hold it to. */
  readonly afterFirst: ReadonlyMap<Target, HostLook> | null
  readonly second: RunEnd
  readonly afterSecond: ReadonlyMap<Target, HostLook>
  readonly helper: readonly Witness[]
  readonly seen: Seen
}
