import { z } from 'zod'
import { bootId } from './boot-id'
import { type Fact, Facts, type Result, unknown } from './fact'
import { failedUnits } from './failed-units'
import { firewallState } from './firewall-state'
import { initSystem } from './init-system'
import { kernel } from './kernel'
import { listeners } from './listeners'
import { mounts } from './mounts'
import { newestKernel } from './newest-kernel'
import { resolvers } from './resolvers'
import { routes } from './routes'
import { selinux } from './selinux'
import { sshdConfig } from './sshd-config'
import { units } from './units'
import { uptime } from './uptime'

const text = z.string().max(4_096)
const number = z.number()
const list = <T extends z.ZodType>(of: T) => z.array(of).max(20_000)

const unit = z.looseObject({
  id: text,
  names: list(text).optional(),
  load: text,
  active: text,
  sub: text,
  enabled: text,
  restarts: number.nullable(),
  mainPid: number.nullable(),
  result: text,
  type: text,
  remainsAfterExit: z.boolean(),
  isTransient: z.boolean(),
  busName: text,
  triggeredBy: list(text),
  isWanted: z.boolean(),
  conditionMet: z.boolean(),
})
const listener = z.looseObject({ proto: z.enum(['tcp', 'udp']), address: text, port: number, process: text.nullable() })
const mount = z.looseObject({ target: text, source: text, type: text, readOnly: z.boolean() })
const route = z.looseObject({ family: z.literal([4, 6]), gateway: text.nullable(), device: text })
const chain = z.looseObject({ name: text, policy: z.enum(['accept', 'drop']), rules: number })

const form = (fact: Fact<unknown>, of: z.ZodType) => [fact.id, of] as const

/** What a baseline is used for, in the form in which its facts are read. */
const FORMS: ReadonlyMap<string, z.ZodType> = new Map([
  form(bootId, text),
  form(kernel, z.looseObject({ running: text, arch: text })),
  form(uptime, z.looseObject({ seconds: number })),
  form(initSystem, z.enum(['systemd', 'openrc', 'other'])),
  form(units, list(unit)),
  form(failedUnits, list(text)),
  form(listeners, z.looseObject({ items: list(listener), ephemeralFrom: number })),
  form(mounts, z.looseObject({ items: list(mount), automounts: list(text) })),
  form(routes, list(route)),
  form(resolvers, list(text)),
  form(firewallState, z.looseObject({ active: z.boolean(), chains: list(chain) })),
  form(sshdConfig, z.record(text, list(text))),
  form(selinux, z.enum(['enforcing', 'permissive', 'disabled'])),
  form(newestKernel, z.looseObject({ running: text, installed: list(text), newest: text.nullable(), outdated: text })),
])

const why = z.looseObject({ ok: z.literal(false), why: text })

/**
 * Facts that were kept on a host, where anybody may have written to them. One in no form of ours is unknown, so that what
 * is compared with it is unknown, too; one that nobody compares is left out. undefined: they are no facts at all.
 */
export function readStoredFacts(stored: string): Facts | undefined {
  const json = parse(stored)
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const read = Object.entries(json).flatMap(([id, result]): [string, Result<unknown>][] => {
    const of = FORMS.get(id)
    if (of === undefined) return []
    const known = z.object({ ok: z.literal(true), value: of }).safeParse(result)
    if (known.success) return [[id, known.data]]
    const unread = why.safeParse(result)
    return [[id, unknown(unread.success ? unread.data.why : 'it is stored in no form of ours')]]
  })
  return new Facts(new Map(read))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
