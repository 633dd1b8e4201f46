import { z } from 'zod'
import { clean } from './stage/clean'
import { drain } from './stage/drain'
import { stage } from './stage/hooks'
import { monitor } from './stage/monitor'
import { prepare } from './stage/prepare'
import { update } from './stage/update'
import { verify } from './stage/verify'
import { failureCount, hostCount, wait } from './values'

export type { Hook } from './stage/hooks'
export type { CheckEntry } from './stage/verify'

const golive = stage({
  watch: wait.prefault('60s').describe('The checks again, under traffic, before the host counts as live.'),
})

export const stages = z
  .strictObject({
    prepare: prepare.prefault({}),
    monitor: monitor.prefault({}),
    drain: drain.prefault({}),
    clean: clean.prefault({}),
    update: update.prefault({}),
    verify: verify.prefault({}),
    golive: golive.prefault({}),
  })
  .meta({ id: 'stages' })
export type StagesConfig = z.output<typeof stages>

export const rollout = z
  .strictObject({
    canary: z.int().min(0).default(1).describe('Hosts in the first wave; 0: no canary.'),
    canary_soak: wait.prefault('5m').describe('Pause after the canary.'),
    batch: hostCount.default(1).describe('Hosts in each later wave: a number, or a share such as 25%.'),
    max_unavailable: hostCount.default(1).describe('Hosts of the group that may be out of service at once.'),
    max_failures: failureCount
      .default(0)
      .describe(
        'More failures than this (default 0) stop the group: a number, or a share such as 25%. What `rollout` of the file says is counted over the whole run, too.',
      ),
    soak: wait.prefault('60s').describe('Pause after each wave.'),
    parallel: z.int().min(1).max(100).default(20).describe('Hosts prepared and monitored at the same time.'),
    on_failure: z.enum(['hold', 'rollback']).default('hold').describe('After a failed update or verification.'),
  })
  .meta({ id: 'rollout' })
export type Rollout = z.output<typeof rollout>
