import { hostsWithRemedy } from '../plan/outlook'
import type { PlannedHost } from '../plan/plan'
import { counted, spokenDuration } from '../show/duration'
import { markdownSpan } from '../show/for-markdown'
import { changeSection } from './file-change-markdown'
import { packageGroups } from './package-lines'
import { groupedByText, hostsByGroup, listedNames, wavesOfPlan } from './plan-groups'
import { commandsOfFile, goliveOf, notesOf } from './plan-steps'
import type { PlannedGroup, PlanView } from './plan-view'
import { listSection } from './summary-section'

const MOST_ROWS = 200

/** A plan as sections of markdown, what a reviewer must know first. Sections are whole, so that a caller can leave some out. */
export function planSections(view: PlanView): readonly string[] {
  const { plan, disclose } = view
  const lines = (title: string, list: readonly string[]) => listSection(title, list, 100)
  const sections = [
    changeSection(view.change, view.file, disclose),
    lines(
      'Mind this',
      plan.warnings.map((warning) => `- ⚠️ ${markdownSpan(warning)}`),
    ),
    stopSection(view),
    waveSection(view),
    windowSection(view.groups),
    hostTable(plan.hosts),
    hostSection(view, 'What cannot be undone', (host) => host.cannotBeUndone),
    hostSection(view, "Undone by a later run only (no dead man's undo)", undoneByRunner),
    lines('Not asked', notAsked(view)),
    hostSection(view, 'Commands of the file that would run', commandsOfFile),
    hostSection(view, 'In golive', goliveOf),
    hostSection(view, 'Besides', notesOf, 'note'),
    lines(
      'Packages to change',
      packageGroups(
        plan.hosts.map(({ name, packages }) => ({ name, packages: packages ?? [] })),
        'to change',
        disclose,
      ),
    ),
    lines(
      'Not available in this version',
      plan.notAvailable.map((what) => `- ${markdownSpan(what)}`),
    ),
    `Plan ${markdownSpan(view.hash.slice(0, 16))}, made ${plan.madeAt.slice(0, 16).replace('T', ' ')} UTC. A plan changes nothing on any host.`,
  ]
  return disclose === 'none' ? sections.slice(0, 2) : sections
}

function stopSection({ plan, disclose }: PlanView): string {
  const stops = plan.hosts.flatMap((host) =>
    host.stops.map(
      ({ stage, reason }) =>
        `- ⛔ **${host.name}** would stop in ${stage}${disclose === 'full' ? `: ${markdownSpan(reason)}` : ''}`,
    ),
  )
  return listSection('Would stop now', stops, 50)
}

function waveSection({ plan, groups }: PlanView): string {
  const hostsOf = hostsByGroup(plan.hosts)
  const rows = groups.flatMap((group) =>
    wavesOfPlan(hostsOf.get(group.name) ?? [], group).map(
      ({ name, hosts, isolation }) =>
        `| ${group.name}${group.needs.length > 0 ? `, after ${group.needs.join(', ')}` : ''} | ${name} | ${listedNames(hosts)} | ${isolation} |`,
    ),
  )
  if (rows.length === 0) return ''
  const rest = rows.length > MOST_ROWS ? ['', `… and ${rows.length - MOST_ROWS} more waves in plan.json`] : []
  return [
    '### Waves',
    '',
    '| group | wave | hosts | users are |',
    '|---|---|---|---|',
    ...rows.slice(0, MOST_ROWS),
    ...rest,
  ].join('\n')
}

function windowSection(groups: readonly PlannedGroup[]): string {
  const said = groupedByText(groups.map((group) => [windowText(group), group.name] as const))
  return listSection(
    'Windows',
    said.map(([text, names]) => `- **${listedNames(names)}** ${text}`),
    50,
  )
}

function windowText({ openings, isOpen }: PlannedGroup): string {
  if (openings.length === 0) return isOpen ? 'any time: the file names no window' : 'no opening to come'
  return `${openings.join('; ')}${isOpen ? ' — **open now**' : ''}`
}

function hostTable(hosts: readonly PlannedHost[]): string {
  const asked = hosts.filter((host) => host.contacted)
  if (asked.length === 0) return ''
  const rows = asked.slice(0, MOST_ROWS).map((host) => {
    const packages =
      host.packages === null
        ? 'unknown'
        : `${host.packages.length} (${host.packages.filter((p) => p.security).length} security)`
    const age = host.listsAgeSeconds === null ? 'unknown age' : `${spokenDuration(host.listsAgeSeconds * 1_000)} old`
    return `| ${host.name} | ${packages} | ${age} | ${host.reboot ?? 'unknown'} | ${host.drain === null ? 'unknown' : host.drain.needed ? 'yes' : 'no'} |`
  })
  const rest = asked.length > MOST_ROWS ? ['', `… and ${asked.length - MOST_ROWS} more hosts in plan.json`] : []
  return [
    '### Hosts',
    '',
    '| host | packages | package lists | reboot | drain |',
    '|---|---|---|---|---|',
    ...rows,
    ...rest,
  ].join('\n')
}

function undoneByRunner(host: PlannedHost): readonly string[] {
  return host.steps.filter((step) => step.undo === 'runner').map((step) => step.title)
}

/** The same sentence of many hosts is told once. Its words may come from a host, so outsiders get the counts. */
function hostSection(
  { plan, disclose }: PlanView,
  title: string,
  of: (host: PlannedHost) => readonly string[],
  one = 'step',
): string {
  if (disclose !== 'full') {
    const lines = plan.hosts.flatMap((host) =>
      of(host).length === 0 ? [] : [`- **${host.name}** ${counted(of(host).length, one)}`],
    )
    return listSection(title, lines, 50)
  }
  const said = groupedByText(plan.hosts.flatMap((host) => of(host).map((text) => [text, host.name] as const)))
  return listSection(
    title,
    said.map(([text, names]) => `- ${markdownSpan(text)}: ${listedNames(names)}`),
    50,
  )
}

function notAsked({ plan, disclose }: PlanView): readonly string[] {
  const silent = plan.hosts.filter((host) => !host.contacted)
  if (disclose !== 'full')
    return silent.length === 0 ? [] : [`- ${counted(silent.length, 'host')}; the reasons are in plan.json`]
  const said = groupedByText(silent.map((host) => [host.why ?? 'no reason given', host.name] as const))
  const remedies = new Set(hostsWithRemedy(plan.hosts).flatMap((host) => host.remedy ?? []))
  return [
    ...said.map(([why, names]) => `- ${listedNames(names)}: ${markdownSpan(why)}`),
    ...[...remedies].map((remedy) => `- **What to do:** ${markdownSpan(remedy)}`),
  ]
}
