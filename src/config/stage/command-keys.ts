import { z } from 'zod'

/** Keys whose value is a command: `./x` is a script beside the file, anything else is sh text. */
export const COMMAND_KEYS: ReadonlySet<string> = new Set([
  'run',
  'prove',
  'drain',
  'undrain',
  'state',
  'version',
  'rollback',
])

/** First word `./x`: a script beside the maintenance file, sent whole, the rest its arguments. Anything else: sh text. */
export const command = z
  .string()
  .max(65_536)
  .refine((text) => !text.includes('\0'), 'a command cannot hold a NUL byte')
  .refine((text) => text.trim() !== '', 'the command is empty')

/** Written at an item, it holds for every command of it. */
export const shell = z
  .enum(['sh', 'bash'])
  .optional()
  .describe(
    'What runs the commands of this item; left out: sh. bash sees a failure in the middle of a pipe on every host.',
  )

/** A literal, or `${env:NAME}` standing alone. */
export const envMap = z
  .record(
    z
      .string()
      .regex(
        /^(?!PITSTOP_)[A-Za-z_][A-Za-z0-9_]{0,63}$/,
        'expected the name of an environment variable, not PITSTOP_…',
      ),
    z.string(),
  )
  .default({})
  .describe('Environment of the command: text, or "${env:NAME}" alone, NAME listed in the `secrets` input.')

export const place = z
  .string()
  .min(1)
  .default('host')
  .describe('Where it runs: `host`, `runner` or the name of a host of this file.')
