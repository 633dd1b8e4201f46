import { nearest } from '../config/nearest'
import type { MaintenanceFile } from '../config/schema'
import { isolationOf } from '../traffic/kinds'

/** What a reviewer should know of the file itself. Pure. */
export function planWarnings(file: MaintenanceFile): readonly string[] {
  const targets = [...file.hosts.values()].filter((h) => h.maintain)
  const withTargets = new Set(targets.map((h) => h.group))
  const checked = new Set(targets.filter((h) => h.stages.verify.checks.length > 0).map((h) => h.group))
  const unchecked = [...file.groups.values()].filter((g) => withTargets.has(g.name) && !checked.has(g.name))
  const exposed = targets.filter((h) => isolationOf(h) === 'exposed').map((h) => h.name)
  const runnerUndo = targets
    .filter((h) => h.stages.drain.traffic.some((t) => 'command' in t && t.command.on !== 'host'))
    .map((h) => h.name)
  return [
    ...(file.notes ?? []),
    ...strayGroups(file),
    ...unchecked.map((g) => `no check covers group ${g.name}: only the built-in checks and the comparison guard it`),
    ...(exposed.length > 0
      ? [`users reach ${listed(exposed)} while the host is maintained (no traffic driver, no services)`]
      : []),
    ...(runnerUndo.length > 0
      ? [
          `the drain of ${listed(runnerUndo)} has no dead man's undo: it lives on another machine, and the next run undoes it`,
        ]
      : []),
    ...(file.owner === null ? ['no owner is named: a held host calls for nobody'] : []),
  ]
}

/** A group that nobody declared has the defaults of the file: no soak, no `on_failure` of the group that was meant. */
function strayGroups(file: MaintenanceFile): readonly string[] {
  const declared = [...file.groups.values()].filter((group) => group.line !== null).map((group) => group.name)
  return [...file.groups.values()].flatMap(({ name, line, hosts }) => {
    const near = line === null ? nearest(name, declared) : undefined
    if (near === undefined) return []
    return [`${listed(hosts)}: the group "${name}" is not among \`groups\`; did you mean "${near}"?`]
  })
}

const listed = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
