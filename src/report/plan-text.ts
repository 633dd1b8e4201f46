import { hostsWithRemedy, outlookCounts } from '../plan/outlook'
import type { PlannedHost } from '../plan/plan'
import { counted, spokenDuration } from '../show/duration'
import { withoutControls } from '../show/for-log'
import { groupedByText, hostsByGroup, listedNames, wavesOfPlan } from './plan-groups'
import { commandsOfFile, goliveOf } from './plan-steps'
import type { PlanView } from './plan-view'

const MOST_PACKAGES = 20

/** A plan for a terminal, one fact a line, without controls. Pure. */
export function planText(view: PlanView): string {
  const { plan, groups } = view
  const hostsOf = hostsByGroup(plan.hosts)
  const lines = [
    `plan ${view.hash.slice(0, 16)} of ${view.file}${outlook(plan.hosts)}`,
    ...plan.warnings.map((warning) => `note: ${warning}`),
    '',
    ...groups.flatMap((group) => [
      `group ${group.name}${group.needs.length > 0 ? `, after ${group.needs.join(', ')}` : ''}`,
      `  window: ${group.openings.length === 0 ? (group.isOpen ? 'any time' : 'no opening to come') : group.openings.join('; ')}${group.openings.length > 0 && group.isOpen ? ', open now' : ''}`,
      ...wavesOfPlan(hostsOf.get(group.name) ?? [], group).map(
        (wave) => `  wave ${wave.name}: ${wave.hosts.join(', ')}; users are ${wave.isolation}`,
      ),
    ]),
    '',
    ...plan.hosts.flatMap(hostLines),
    ...shared('what to do', hostsWithRemedy(plan.hosts), (host) => (host.remedy === null ? [] : [host.remedy])),
    ...shared('by the file', plan.hosts, commandsOfFile),
    ...shared('in golive', plan.hosts, goliveOf),
    ...shared('cannot be undone', plan.hosts, (host) => host.cannotBeUndone),
    ...shared("undone by a later run only (no dead man's undo)", plan.hosts, (host) =>
      host.steps.filter((s) => s.undo === 'runner').map((s) => s.title),
    ),
    ...plan.notAvailable.map((what) => `not available in this version: ${what}`),
    'Nothing was changed on any host.',
  ]
  return lines.map((line) => withoutControls(line).replaceAll('\n', ' ')).join('\n')
}

function outlook(hosts: readonly PlannedHost[]): string {
  const counts = outlookCounts(hosts)
  return counts === '' ? `, ${counted(hosts.length, 'host')}` : `: ${counts}`
}

function hostLines(host: PlannedHost): readonly string[] {
  const why = host.why ?? 'no reason given'
  // Why a host was not reached names the host itself.
  if (host.unreachable) return [`not reached: ${why}`, '']
  if (!host.contacted) return [`${host.name}: not asked: ${why}`, '']
  const age = host.listsAgeSeconds === null ? 'of unknown age' : `${spokenDuration(host.listsAgeSeconds * 1_000)} old`
  const packages =
    host.packages === null ? 'packages unknown' : `${counted(host.packages.length, 'package')} to change (lists ${age})`
  return [
    `${host.name}: ${packages}, reboot ${host.reboot ?? 'unknown'}, ${host.drain === null ? 'drain unknown' : `${host.drain.needed ? 'drained' : 'not drained'}: ${host.drain.why}`}`,
    ...(host.notAsRoot === null ? [] : [`  not looked at as root: ${host.notAsRoot}`]),
    ...host.stops.map(({ stage, reason }) => `  would stop in ${stage}: ${reason}`),
    ...host.notes.map((note) => `  ${note}`),
    ...packageLines(host),
    '',
  ]
}

function packageLines({ packages }: PlannedHost): readonly string[] {
  const all = packages ?? []
  const worst = [...all.filter((p) => p.security), ...all.filter((p) => !p.security)]
  const lines = worst
    .slice(0, MOST_PACKAGES)
    .map((p) => `  ${p.name} ${p.from ?? '(new)'} -> ${p.to ?? '(removed)'}${p.security ? ' security' : ''}`)
  return all.length > MOST_PACKAGES ? [...lines, `  and ${all.length - MOST_PACKAGES} more, in plan.json`] : lines
}

function shared(
  title: string,
  hosts: readonly PlannedHost[],
  of: (host: PlannedHost) => readonly string[],
): readonly string[] {
  const said = groupedByText(hosts.flatMap((host) => of(host).map((text) => [text, host.name] as const)))
  return said.map(([text, names]) => `${title}: ${text} (${listedNames(names)})`)
}
