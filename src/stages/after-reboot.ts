import { installedVersions, installedVersionsAfterReboot } from '../packages/facts'
import { packageChanges } from '../packages/package-changes'
import type { Observation, Phase, StageInput } from './stage'

const MOST_NAMED = 10

/** Whether this run's own reboot is done. */
export function wasRebooted(x: StageInput): boolean {
  return x.results.get('update/reboot')?.outcome === 'done'
}

/** Packages may be installed while a host goes down or comes up, by whoever waits for that: it is told, and it counts. */
export const afterReboot: Phase = {
  name: 'after-reboot',
  facts: (x) => (wasRebooted(x) && x.facts.get(installedVersions).ok ? [installedVersionsAfterReboot] : []),
  plan: (x) => (wasRebooted(x) ? { steps: [], notes: behindOurBack(x) } : { steps: [] }),
}

function behindOurBack(x: StageInput): readonly Observation[] {
  const before = x.facts.get(installedVersions)
  const after = x.facts.get(installedVersionsAfterReboot)
  if (!before.ok) return []
  if (!after.ok)
    return [
      {
        kind: 'finding',
        what: `The installed versions cannot be read after the reboot: ${after.why}`,
        severity: 'warn',
        advice: 'Compare them with the list of the update by hand',
      },
    ]
  const changes = packageChanges(before.value, after.value, [])
  if (changes.length === 0) return []
  const named = changes
    .slice(0, MOST_NAMED)
    .map(({ name, from, to }) => `${name} ${from ?? 'new'} → ${to ?? 'removed'}`)
  const rest = changes.length > MOST_NAMED ? ` and ${changes.length - MOST_NAMED} more` : ''
  return [
    { kind: 'packages', changes },
    {
      kind: 'finding',
      what: `Packages changed between the update and the end of the reboot, and not by it: ${named.join(', ')}${rest}`,
      severity: 'warn',
      advice: 'Look at /var/log/apt/history.log for who did it; switch off what installs packages at shutdown',
    },
  ]
}
