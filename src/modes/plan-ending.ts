import type { Ending } from '../engine/verdict'
import { outlookCounts, outlookOf } from '../plan/outlook'
import type { PlannedHost } from '../plan/plan'
import { groupedByText, listedNames } from '../report/plan-groups'
import { counted } from '../show/duration'

const MOST_REASONS = 3

/**
 * How a plan ends: red where hosts were to be asked and none could be, else `planned`, with how many hosts would not be
 * maintained, and why. Pure.
 * @param refused names of the hosts that showed a wrong key or refused ours
 */
export function planEnding(hosts: readonly PlannedHost[], refused: ReadonlySet<string>): Ending {
  const { unreachable } = outlookOf(hosts)
  if (hosts.length > 0 && unreachable.length === hosts.length) return unreached(hosts, refused)
  const counts = outlookCounts(hosts)
  const asked = hosts.filter((host) => host.contacted).length
  if (counts === '')
    return ending('planned', 'none', `${counted(hosts.length, 'host')} planned, ${asked} of them contacted`)
  const away = new Set(unreachable.map(({ name }) => name))
  const said = groupedByText(hosts.flatMap((host) => whyOf(host).map((reason) => [reason, host.name] as const)))
  const why = reasons(said.map(([reason, names]) => told(reason, names, away)))
  return { ...ending('planned', 'none', `${counts}: ${why}`), open: counts }
}

function unreached(hosts: readonly PlannedHost[], refused: ReadonlySet<string>): Ending {
  const all = `none of ${counted(hosts.length, 'host')} could be reached, so nothing was asked`
  const remedies = new Set(hosts.flatMap((host) => host.remedy ?? []))
  const why = reasons([...new Set(hosts.map((host) => host.why ?? 'no reason given'))])
  const reason = hosts.every((host) => refused.has(host.name)) ? 'key' : 'none'
  const sentence = [`${all}: ${why}`, ...[...remedies].slice(0, MOST_REASONS)].join('. ')
  // What is wrong with a key is in words of ours.
  return { ...ending('refused', reason, sentence), ...(reason === 'key' ? {} : { open: all }) }
}

function whyOf(host: PlannedHost): readonly string[] {
  const [stop] = host.stops
  if (stop !== undefined) return [`would stop in ${stop.stage}: ${stop.reason}`]
  if (host.unreachable) return [host.why ?? 'no reason given']
  return host.notAsRoot === null ? [] : [host.notAsRoot]
}

/** Why a host could not be reached names the host itself; it is the only one with that reason. */
function told(reason: string, names: readonly string[], unreachable: ReadonlySet<string>): string {
  return names.every((name) => unreachable.has(name)) ? reason : `${listedNames(names)} ${reason}`
}

/** A few of them, and how many more there are. */
function reasons(all: readonly string[]): string {
  const more = all.length > MOST_REASONS ? [`and ${all.length - MOST_REASONS} more`] : []
  return [...all.slice(0, MOST_REASONS), ...more].join('; ')
}

function ending(verdict: Ending['verdict'], reason: Ending['reason'], sentence: string): Ending {
  return { verdict, reason, sentence }
}
