import type { StagesConfig } from '../config/stages'
import { ok, type Result, unknown } from '../facts/fact'
import type { StageInput } from '../stages/stage'
import { upgradable } from './facts'
import { matchesName } from './name-pattern'
import type { Simulation } from './package-manager'

type UpdateConfig = Pick<StagesConfig['update'], 'packages' | 'exclude'>

/** A package with the exact version that the maintenance file lets in. */
export interface Selected {
  readonly name: string
  readonly version: string
}

/**
 * What the maintenance file lets in of everything that is pending. `security` takes the newest version a security source
 * offers, not the newest of all: an `-updates` suite may stand above it.
 */
export function selectUpgrades(pending: Simulation, config: UpdateConfig): readonly Selected[] {
  if (config.packages === 'none') return []
  return pending.upgrades
    .filter((upgrade) => !matchesName(config.exclude, upgrade.name))
    .flatMap(({ name, to, securityVersion }) => {
      if (config.packages === 'all') return [{ name, version: to }]
      return securityVersion === null ? [] : [{ name, version: securityVersion }]
    })
}

/** What is chosen for this host; unknown where the pending packages are. */
export function selectedUpgrades(x: Pick<StageInput, 'facts' | 'host'>): Result<readonly Selected[]> {
  const config = x.host.stages.update
  if (config.packages === 'none') return ok([])
  const pending = x.facts.get(upgradable)
  return pending.ok ? ok(selectUpgrades(pending.value, config)) : unknown(pending.why)
}
