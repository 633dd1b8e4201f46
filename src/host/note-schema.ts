import { z } from 'zod'
import { STAGES } from '../plan/step'

/** The longest a step of any file may take: a note that says more is none. */
export const LONGEST_MS = 7 * 86_400_000

const digest = z.string().regex(/^[0-9a-f]{32}$/)
/** As runs are named (`isRunName`): one folder, whatever it says. */
const runName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._:@+-]{0,127}$/)

const step = z.object({
  /** Never a way out of a folder. */
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,99}$/),
  title: z.string().max(1_000),
  required: z.boolean(),
  disruptive: z.boolean(),
  timeoutMs: z.number().min(0).max(LONGEST_MS),
  /** Never killed: over its time it goes on. */
  isLeft: z.boolean(),
  /** Of the command of the file that it was: a file that says something else now is known by it. */
  digest: digest.optional(),
})

/** A driver, service or application of the file: enough to know it again, nothing to act by. */
const part = z.object({
  kind: z.enum(['driver', 'service', 'app']),
  /** Where the driver works, or what the service or application is called. */
  name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9:_.@{}\\-]{0,199}$/),
  /** null: the version that noted it kept none. */
  digest: digest.nullable(),
  /** To undo it a secret is needed, which nobody writes to a disk. */
  isSecret: z.boolean(),
})

export const noteSchema = z.object({
  v: z.literal(1),
  /** Of the program: the name of its folder. */
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,149}$/),
  /** The host that the program is for; at a helper it is another machine. */
  host: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/),
  stage: z.enum(STAGES),
  steps: z.array(step).max(500),
  build: z.string().max(100),
  /** What the host was to be taken out of service by and changed with; in the first program of a run that does so. */
  parts: z.array(part).max(500).optional(),
  /** What begins elsewhere than on the host is noted there before; beside `parts`. */
  intents: z.literal(true).optional(),
  /** The run whose maintenance this one goes on with. */
  after: runName.optional(),
  /** What the rest of the stage is planned from, and nobody can read any more: versions before, the transaction. */
  facts: z.record(z.string().max(64), z.unknown()).optional(),
})

/**
 * What a program says of itself on the disk, beside its records. It selects what of the maintenance file was begun, and
 * defines nothing: a later run acts by its own file (ADR 8).
 */
export type ProgramNote = z.infer<typeof noteSchema>
export type NotedStep = z.infer<typeof step>
export type NotedPart = z.infer<typeof part>

/**
 * The plan that notes of earlier versions carried whole. Of all that, only what tells which parts were begun is looked at.
 */
const named = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
export const oldPlan = z.object({
  stages: z.object({
    drain: z.object({
      traffic: z.array(z.object({ command: z.object({ on: z.string() }) })).max(100),
      services: z.array(named).max(100),
    }),
    update: z.object({ apps: z.array(z.object({ name: z.string() })).max(100) }),
  }),
})
export const partsSchema = z.array(part).max(500)
