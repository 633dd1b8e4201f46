import { z } from 'zod'
import { positiveDuration } from '../values'
import { command, envMap, place } from './command-keys'

export const hook = z.strictObject({
  run: command.describe('The command, or `./script arguments`.'),
  on: place,
  timeout: positiveDuration.default(600_000).describe('After this the command is ended and counts as failed.'),
  required: z.boolean().default(true).describe('false: a failure is a finding and does not end the stage.'),
  always: z.boolean().default(false).describe('`after` only: run it also when the stage failed.'),
  env: envMap,
})
export type Hook = z.output<typeof hook>

const beforeHook = hook.refine((h) => !h.always, { error: '`always` belongs to `after`', path: ['always'] })

/** `before:` and `after:`, which every stage takes. */
export const hooks = {
  before: z.array(beforeHook).default([]).describe('Commands before the stage.'),
  after: z.array(hook).default([]).describe('Commands after the stage, when it succeeded or `always`.'),
}
