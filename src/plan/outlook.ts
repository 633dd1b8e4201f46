import type { PlannedHost } from './plan'

/** The hosts of a plan that a run would not maintain as things stand, each in one list. Pure. */
export interface Outlook {
  /** Something would stop them. */
  readonly stopped: readonly PlannedHost[]
  readonly unreachable: readonly PlannedHost[]
  /** Nothing is known against them, but a part of them was not seen: sudo asks for a password. */
  readonly notAsRoot: readonly PlannedHost[]
}

export function outlookOf(hosts: readonly PlannedHost[]): Outlook {
  const stopped = hosts.filter((host) => host.stops.length > 0)
  return {
    stopped,
    unreachable: hosts.filter((host) => host.unreachable),
    notAsRoot: hosts.filter((host) => host.notAsRoot !== null && host.stops.length === 0),
  }
}

/** Those that people are told what to do about. Where none could be reached, the end of the plan says it. */
export function hostsWithRemedy(hosts: readonly PlannedHost[]): readonly PlannedHost[] {
  return hosts.every((host) => host.unreachable) ? [] : hosts.filter((host) => host.remedy !== null)
}

/** `1 of 3 hosts would not be maintained now, 1 could not be reached`; empty: nothing is against any host. */
export function outlookCounts(hosts: readonly PlannedHost[]): string {
  const { stopped, unreachable, notAsRoot } = outlookOf(hosts)
  const said = [
    [stopped.length, 'would not be maintained now'],
    [unreachable.length, 'could not be reached'],
    [notAsRoot.length, `${notAsRoot.length === 1 ? 'was' : 'were'} not looked at as root`],
  ] as const
  const parts = said.filter(([count]) => count > 0).map(([count, what]) => ({ count, what }))
  return parts
    .map(
      ({ count, what }, i) =>
        `${count}${i === 0 ? ` of ${hosts.length} host${hosts.length === 1 ? '' : 's'}` : ''} ${what}`,
    )
    .join(', ')
}
