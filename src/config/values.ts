import { z } from 'zod'

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const UNIT_BYTES = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
} as const

/** The message for a value of a wrong type; one that is missing or empty is told as such. */
export const wanted = (message: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined || issue.input === null ? undefined : message

/** `90s 10m 3h 7d`; `0s` is allowed. In milliseconds. */
export const duration = z
  .string({ error: wanted('expected a duration such as 90s, 10m, 3h or 7d') })
  .regex(/^\d{1,9}[smhd]$/, 'expected a duration such as 90s, 10m, 3h or 7d')
  .transform((text) => Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS])

/** A timer of Node holds 2^31 ms, and one that is longer ends at once. */
const LONGEST_WAIT_MS = 24 * UNIT_MS.d

/** A pause that somebody sits out. */
export const wait = duration.refine((ms) => ms <= LONGEST_WAIT_MS, 'at most 24d')

/** A timeout or a pace: a wait that is not zero. */
export const positiveWait = wait.refine((ms) => ms > 0, 'must be longer than 0s')

/** A span of time that nobody sits out and that is not zero. */
export const positiveDuration = duration.refine((ms) => ms > 0, 'must be longer than 0s')

/** `200MB`, `1GiB`. In bytes; 1 MB = 10^6, 1 MiB = 2^20. */
export const size = z
  .string({ error: wanted('expected a size such as 200MB or 1GiB') })
  .regex(/^\d{1,12}(?:\.\d{1,3})?(?:B|[kK]B|[MGT]B|[KMGT]iB)$/, 'expected a size such as 200MB or 1GiB')
  .transform((text) => {
    const unit = /[A-Za-z]+$/.exec(text)?.[0] ?? 'B'
    return Math.round(Number(text.slice(0, -unit.length)) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES])
  })

/** `25%`, as a fraction of 1. */
export const share = z
  .string({ error: wanted('expected a share such as 25%') })
  .regex(/^(?:\d{1,2}(?:\.\d{1,3})?|100)%$/, 'expected a share such as 25%')
  .transform((text) => Number(text.slice(0, -1)) / 100)

/** A switch that also takes a value; `false` is off. */
export const orOff = <T extends z.ZodType>(value: T) => z.union([z.literal(false), value])

/** A list that `false` empties. */
export const listOrOff = <T extends z.ZodType>(item: T) =>
  orOff(z.array(item)).transform((list): z.output<T>[] => (list === false ? [] : list))

/** A number of hosts, or a share of all hosts of the group in the file (rounded down, at least 1). */
export const hostCount = z.union([z.int().min(1), share.transform((of) => ({ share: of }))])
export type HostCount = z.output<typeof hostCount>

/** A number of failures, or a share of all hosts they are counted over (rounded down, at least 1 but for 0%). */
export const failureCount = z.union([z.int().min(0), share.transform((of) => ({ share: of }))])
export type FailureCount = z.output<typeof failureCount>

export const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
/** Hosts, groups, applications, databases. */
export const name = z
  .string()
  .regex(NAME, 'expected a name of a-z 0-9 . _ - that begins with a letter or digit, at most 63 long')
export const ADDRESS = /^[A-Za-z0-9_]([A-Za-z0-9._:-]*[A-Za-z0-9])?$/
export const USER = /^[a-z_][a-z0-9_.-]{0,31}$/
export const SECRET_NAME = /^(?!INPUT_|GITHUB_|ACTIONS_|RUNNER_|STATE_|NODE_|LD_|SSH_)[A-Z][A-Z0-9_]*$/

/** A kind of the contract that this version does not do yet: refused, never ignored. */
export const later = (what: string) => z.never({ error: `${what} is not available in this version` })

/** The same for a key whose off value means what this version does anyway. */
export const laterOff = (what: string) =>
  z.literal(false, { error: `${what} is not available in this version` }).optional()

/** An absolute path on a host: no `..`, no control character. */
export const hostPath = z
  .string()
  .max(4096)
  .regex(/^\/[^\x00-\x1f\x7f]*$/, 'expected an absolute path')
  .refine((path) => !path.split('/').includes('..'), 'a path cannot hold ".."')
