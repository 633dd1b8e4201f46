import type { HostConfig } from '../config/schema'
import { Facts, ok, type Result } from '../facts/fact'
import { formatNote, type ProgramNote } from '../host/program-note'
import {
  installedVersionsBefore,
  leftConfigurationBefore,
  packageManagerId,
  TRANSACTION_ID,
  upgradable,
} from '../packages/facts'
import type { Place, ShStep, StageName } from '../plan/step'
import { VERSION } from '../version'
import type { HostContext } from './host-context'

/** From here on a host is not as it was: who comes after a crash has to know by what it was maintained. */
const PLANNED: readonly StageName[] = ['drain', 'clean', 'update', 'verify', 'golive']

/** The steps after which the rest of an update can be told from what was known before it. */
export const isPackageUpgrade = (id: string) => id === 'packages.upgrade'
export const isApp = (id: string) => id.startsWith('app.')

/** What a program is to say of itself. The plan is in the first one from drain on: that is the one that begins to change. */
export function noteOf(x: HostContext, stage: StageName, place: Place, id: string, steps: readonly ShStep[]): string {
  const isFirst = place === 'host' && !x.known.isPlanNoted && PLANNED.includes(stage)
  if (isFirst) x.known.isPlanNoted = true
  const wantsFacts = stage === 'update' && steps.some((s) => isPackageUpgrade(s.id) || isApp(s.id))
  const text: ProgramNote = {
    v: 1,
    id,
    host: x.host.name,
    stage,
    steps: steps.map((s) => ({
      id: s.id,
      title: s.title,
      required: s.required,
      disruptive: s.disruptive,
      timeoutMs: s.timeoutMs,
      isLeft: s.overtime === 'leave',
    })),
    build: VERSION,
    ...(isFirst ? { plan: freezeHost(x.host) } : {}),
    ...(wantsFacts ? { facts: factsOfBefore(x.known.facts) } : {}),
  }
  return formatNote(text)
}

const BEFORE = [
  packageManagerId.id,
  upgradable.id,
  TRANSACTION_ID,
  installedVersionsBefore.id,
  leftConfigurationBefore.id,
]

function factsOfBefore(facts: Facts): Record<string, unknown> {
  const before = Object.entries(facts.toJSON()).filter(([id]) => BEFORE.includes(id))
  return Object.fromEntries(
    before.map(([id, result]) => [id, result.ok ? { ...result, value: flat(result.value) } : result]),
  )
}

/** JSON knows no maps: one stands as its entries, under a name that no other value has. */
const MAP = 'entries of a map'
const flat = (value: unknown): unknown => (value instanceof Map ? { [MAP]: [...value] } : value)

/** The facts that a note brought along. */
export function notedFacts(note: Pick<ProgramNote, 'facts'>): Facts {
  const read = Object.entries(note.facts ?? {}).map(([id, given]) => {
    const result = given as Result<Record<string, [string, unknown][]> | null>
    const entries = result.ok ? result.value?.[MAP] : undefined
    return [id, entries === undefined ? result : ok(new Map(entries))] as const
  })
  return Facts.fromJSON(Object.fromEntries(read))
}

function freezeHost(host: HostConfig): unknown {
  return { ...host, scripts: [...host.scripts.values()] }
}

/** The host as the maintenance file of that run described it; null where another build wrote it. */
export function plannedHost(note: Pick<ProgramNote, 'plan' | 'build'>): HostConfig | null {
  if (note.plan === undefined || note.build !== VERSION) return null
  const raw = note.plan as Omit<HostConfig, 'scripts'> & { scripts: { path: string; text: string; sha256: string }[] }
  return { ...raw, scripts: new Map(raw.scripts.map((script) => [script.path, script])) }
}

/**
 * A program that is there already is not begun again, and its answer is the one of then. Two holders of one lease may share
 * the id of their run: post and its main, and every run of a runner that numbers none of them. So the token is in the name.
 * No lease begins so many programs on one host.
 */
export const firstProgramOf = (token: number) => (token - 1) * 10_000
