import type { GroupConfig, HostConfig } from '../config/schema'
import type { HostCount } from '../config/values'

/** Hosts that are worked on together. */
export interface Wave {
  /** 0 is the first: the canary where there is one. */
  readonly number: number
  readonly hosts: readonly HostConfig[]
  readonly isCanary: boolean
  /** How many of them may be maintained at once, before the budget. */
  readonly batch: number
}

/** A share is of all hosts of the group in the file, rounded down, at least 1. */
export function countOf(count: HostCount, ofHosts: number): number {
  return typeof count === 'number' ? count : Math.max(1, Math.floor(count.share * ofHosts))
}

/** The canary first, then batches, in the order of the file. Pure. */
export function wavesOf(group: Pick<GroupConfig, 'rollout' | 'hosts'>, hosts: readonly HostConfig[]): readonly Wave[] {
  const { canary } = group.rollout
  const batch = countOf(group.rollout.batch, group.hosts.length)
  const waves: Wave[] = []
  // A group of one has no canary: there is nobody behind it.
  const first = Math.min(canary, hosts.length)
  if (first > 0) waves.push({ number: 0, hosts: hosts.slice(0, first), isCanary: true, batch })
  for (let at = first; at < hosts.length; at += batch) {
    waves.push({ number: waves.length, hosts: hosts.slice(at, at + batch), isCanary: false, batch })
  }
  return waves
}
