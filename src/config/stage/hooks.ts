import { z } from 'zod'
import { positiveWait } from '../values'
import { command, envMap, place, shell } from './command-keys'

const form = z.strictObject({
  run: command.describe('The command, or `./script arguments`.'),
  on: place,
  timeout: positiveWait.prefault('10m').describe('After this the command is ended and counts as failed.'),
  required: z.boolean().default(true).describe('false: a failure is a finding and does not end the stage.'),
  always: z.boolean().default(false).describe('`after` only: run it also when the stage failed.'),
  env: envMap,
  shell,
})

const hook = form.meta({ id: 'hook' })
export type Hook = z.output<typeof hook>

const beforeHook = form
  .refine((h) => !h.always, { error: '`always` belongs to `after`', path: ['always'] })
  .meta({ id: 'beforeHook' })

/** `before:` and `after:`, which every stage takes. */
const hooks = {
  before: z.array(beforeHook).default([]).describe('Commands before the stage.'),
  after: z.array(hook).default([]).describe('Commands after the stage, when it succeeded or `always`.'),
}

/** A stage of its own keys and the hooks. Single items can be switched off, a stage never. */
export function stage<T extends z.ZodRawShape>(shape: T) {
  const error = (issue: { readonly code?: string | undefined; readonly input?: unknown }) =>
    issue.code === 'invalid_type' && issue.input === false
      ? 'a stage cannot be switched off, only items of it'
      : undefined
  return z.strictObject({ ...hooks, ...shape }, { error })
}
