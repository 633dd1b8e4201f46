import type { Attack } from '../attack'

/** An attack on one function that takes what a host, a file or an event says. `holds` throws where it came through. */
export interface UnitAttack extends Attack {
  readonly holds: () => void | Promise<void>
}
