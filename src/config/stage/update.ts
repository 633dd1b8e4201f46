import { z } from 'zod'
import { listOrOff, name, positiveWait, wait } from '../values'
import { command, envMap, shell } from './command-keys'
import { stage } from './hooks'

const app = z.strictObject({
  name,
  run: command.describe('Deploys the new version.'),
  version: command.optional().describe('Prints the version that is there, before and after.'),
  rollback: command.optional().describe('Brings the earlier version back.'),
  reversible: z
    .boolean()
    .default(true)
    .describe('false: a failed verification holds the host, nothing is rolled back.'),
  timeout: positiveWait.prefault('30m'),
  env: envMap,
  shell,
})

export const update = stage({
  packages: z.enum(['all', 'security', 'none']).default('all'),
  exclude: listOrOff(z.string().regex(/^[A-Za-z0-9*?+._:-]{1,200}$/, 'expected a package name, `*` and `?` allowed'))
    .prefault([])
    .describe('Packages that are left as they are.'),
  removals: z.enum(['refuse', 'allow']).default('refuse').describe('An update that removes packages.'),
  config_files: z
    .enum(['keep', 'replace', 'hold'])
    .default('keep')
    .describe(
      'A configuration file that somebody changed and that a new version brings anew: "keep" it, "replace" it (the old one stays beside it), or "hold" the update back.',
    ),
  drift: z
    .literal('none', { error: 'drift other than none is not available in this version' })
    .default('none')
    .describe('What may differ from a reviewed plan.'),
  lock_wait: wait.prefault('10m').describe('Wait so long for another package manager.'),
  reboot: z.enum(['if-required', 'never', 'always']).default('if-required'),
  reboot_timeout: positiveWait.prefault('15m').describe('So long the host may take to come back.'),
  reboot_stable: wait.prefault('60s').describe('So long it must then stay up.'),
  timeout: positiveWait
    .prefault('1h')
    .describe('A package step that takes longer holds the host "still running"; it is never killed.'),
  apps: listOrOff(app).prefault([]).describe('Applications of your own, in this order.'),
})
