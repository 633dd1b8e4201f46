import { z } from 'zod'
import { Facts, type Result, unknown } from '../../facts/fact'
import {
  installedVersionsBefore,
  leftConfigurationBefore,
  packageManagerId,
  TRANSACTION_ID,
  upgradable,
} from '../../packages/facts'
import { MANAGERS } from '../../packages/managers'

/**
 * Facts from before an update, which nobody can read any more once it has begun, as they stand in a note. They come back
 * from a disk that anybody may have written to, and end in commands on that host: so they are as strictly in form as what a
 * package manager answers.
 */
const MOST = 50_000
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+:~-]{0,255}$/)
const version = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+:~^_-]{0,255}$/)
const architecture = z.string().regex(/^[A-Za-z0-9_-]{0,32}$/)
const bytes = z.number().int().min(0).nullable()

const upgrade = z.object({
  name,
  from: version.nullable(),
  to: version,
  architecture,
  origins: z.array(z.string().max(300)).max(100),
  security: z.boolean(),
  securityVersion: version.nullable(),
})
const removals = z.array(z.object({ name, from: version.nullable() })).max(MOST)
const chosen = upgrade.extend({
  downloadBytes: bytes,
  installedBytes: bytes,
  installedBytesBefore: bytes,
  canFetchInstalled: z.boolean(),
  installedDownloadBytes: bytes,
})
const installed = z.object({ name, version, architecture, installedBytes: bytes })

const path = z.string().max(4_096)
/** Notes of an earlier version name the file alone. */
const leftFile = z.union([
  z.object({ file: path, changed: z.string().max(40).nullable() }),
  path.transform((file) => ({ file, changed: null })),
])

/** JSON knows no maps: one stands as its entries, under a name that no other value has. */
const MAP = 'entries of a map'
const flat = (value: unknown): unknown => (value instanceof Map ? { [MAP]: [...value] } : value)

const FORMS: Readonly<Record<string, z.ZodType>> = {
  [packageManagerId.id]: z.enum(MANAGERS.map((m) => m.id)).nullable(),
  [upgradable.id]: z.object({ upgrades: z.array(upgrade).max(MOST), removals }),
  [TRANSACTION_ID]: z.object({ upgrades: z.array(chosen).max(MOST), removals, automatic: z.array(name).max(MOST) }),
  [installedVersionsBefore.id]: z
    .object({ [MAP]: z.array(z.tuple([name, installed])).max(MOST) })
    .transform((read) => new Map(read[MAP])),
  [leftConfigurationBefore.id]: z.array(leftFile).max(MOST),
}

/** What of the facts a note keeps. */
export function noteFacts(facts: Facts): Record<string, unknown> {
  const before = Object.entries(facts.toJSON()).filter(([id]) => FORMS[id] !== undefined)
  return Object.fromEntries(
    before.map(([id, result]) => [id, result.ok ? { ...result, value: flat(result.value) } : result]),
  )
}

/** The facts that a note brought along; what is in no form of ours is unknown. */
export function readNotedFacts(noted: Readonly<Record<string, unknown>> = {}): Facts {
  const read = Object.entries(noted).flatMap(([id, given]): [string, Result<unknown>][] => {
    const form = FORMS[id]
    if (form === undefined || isUnknown(given)) return []
    const result = z.object({ ok: z.literal(true), value: form }).safeParse(given)
    return [[id, result.success ? result.data : unknown('what was noted of it is not in a form of ours')]]
  })
  return new Facts(new Map(read))
}

const isUnknown = (given: unknown) => z.object({ ok: z.literal(false) }).safeParse(given).success
