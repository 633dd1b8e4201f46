import { appStepId } from '../../apps/app-steps'
import type { Fact } from '../../facts/fact'
import { readFacts } from '../../facts/read'
import { rebootRequired } from '../../facts/reboot-required'
import { installedVersions, transactionOf } from '../../packages/facts'
import { enumerate } from '../../packages/judge-transaction'
import { missingChanges } from '../../packages/package-changes'
import { selectedUpgrades } from '../../packages/select-upgrades'
import { outdatedServices } from '../../services/outdated'
import { restartOutdated } from '../../services/restart-outdated'
import type { StageInput } from '../../stages/stage'
import { type HostContext, stageInput } from '../host-context'
import { hookSteps } from '../stage-run'
import { wasBegun } from './judge'
import type { Progress } from './progress'

/**
 * What of the plan of the host, as the file of today has it, is not done, in words: by what is on the host where that can be
 * read, else by what is known to have been begun. Empty: nothing is missing.
 */
export async function leftOut(x: HostContext, p: Progress): Promise<readonly string[]> {
  const facts: readonly Fact<unknown>[] = [rebootRequired, installedVersions, outdatedServices]
  x.known.facts = x.known.facts.with(await readFacts(x.machine, facts, x.signal, x.clock))
  const input = stageInput(x)
  return [...packagesLeft(input), ...appsLeft(input), ...hooksLeft(x, p), ...rebootLeft(input), ...restartsLeft(input)]
}

const isDone = (x: StageInput, id: string) => x.results.get(`update/${id}`)?.outcome === 'done'

function packagesLeft(x: StageInput): readonly string[] {
  if (x.host.stages.update.packages === 'none' || x.rights === 'none') return []
  const chosen = selectedUpgrades(x)
  if (chosen.ok && chosen.value.length === 0) return []
  const transaction = transactionOf(x.facts)
  const now = x.facts.get(installedVersions)
  if (!chosen.ok || !transaction.ok || !now.ok)
    return isDone(x, 'packages.upgrade') ? [] : ['its packages (which were pending is not known)']
  const missing = missingChanges(now.value, transaction.value)
  return missing.length === 0 ? [] : [`the update of ${enumerate(missing)}`]
}

function appsLeft(x: StageInput): readonly string[] {
  const missing = x.host.stages.update.apps.filter((app) => !isDone(x, appStepId(app)))
  return missing.map(({ name }) => `the application ${name}`)
}

function hooksLeft(x: HostContext, p: Progress): readonly string[] {
  const { before, after } = x.host.stages.update
  const hooks = [...hookSteps(x, 'update', 'before', before), ...hookSteps(x, 'update', 'after', after)]
  const missing = hooks.filter((step) => !isDone(stageInput(x), step.id) && !wasBegun(p, 'update', step))
  return missing.map((step) => `the hook "${step.title}"`)
}

function rebootLeft(x: StageInput): readonly string[] {
  const { reboot } = x.host.stages.update
  const required = x.facts.get(rebootRequired)
  if (reboot === 'never' || isDone(x, 'reboot')) return []
  if (reboot === 'always') return ['the reboot']
  return required.ok && required.value.needed === 'yes' ? ['the reboot it needs'] : []
}

function restartsLeft(x: StageInput): readonly string[] {
  const units = isDone(x, 'packages.upgrade') && !isDone(x, 'reboot') ? restartOutdated(x) : []
  return units.length === 0 ? [] : ['the restart of services that run on replaced files']
}
