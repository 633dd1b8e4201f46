import pLimit from 'p-limit'
import { isTrusted } from '../action/mode'
import type { HostConfig } from '../config/schema'
import { type SecretUse, secretUsesOf } from '../config/secret-rules'
import { OFF_FOR_NOW } from '../config/stage/clean'
import { unmetWindows } from '../config/ticks'
import { admission } from '../config/window'
import type { Ending } from '../engine/verdict'
import { ConnectError, HostKeyError, LoginRefused, MaintenanceError, sentenceOf } from '../errors'
import type { Machine } from '../host/machine'
import type { HostFacts } from '../journal/event'
import { enumerate } from '../packages/judge-transaction'
import type { Plan, PlannedHost, PlannedStop } from '../plan/plan'
import type { Place } from '../plan/step'
import { planWarnings } from '../plan/warnings'
import { foresee } from './foresee'
import type { Sight } from './foresight/sight'
import { readHostState } from './host-memory'
import { overdueSentence, tellOverdue } from './overdue'
import { planEnding } from './plan-ending'
import { dueHosts, hostFacts, type RunContext, tellSkipped } from './run-context'

/**
 * `mode: plan`: what a run would do. Of the repository it executes nothing but the states of traffic, and it changes nothing
 * on any host (promise 9).
 */
export async function planMode(x: RunContext): Promise<{ ending: Ending; plan: Plan }> {
  tellSkipped(x)
  const now = x.io.clock.now()
  const due = dueHosts(x, now)
  const facts = hostFacts(x.file, x.selected, now).filter((h) => due.has(h.name))
  const limit = pLimit(20)
  const refused = new Set<string>()
  const minded = new Map<string, Set<string>>()
  const sight = sightOf(x, minded)
  const planOne = (f: HostFacts) => planHost(x, sight, f, due.get(f.name) as HostConfig, refused)
  const hosts = await Promise.all(facts.map((f) => limit(() => planOne(f))))
  for (const host of hosts) tellHost(x, host)
  const plan: Plan = {
    version: 1,
    configHash: x.file.configHash,
    madeAt: now.toISOString(),
    admission: admissions([...due.values()], now),
    notAvailable: OFF_FOR_NOW,
    warnings: [...unmetWindows(x.file, x.selected, x.ticks, now), ...planWarnings(x.file), ...mindedWarnings(minded)],
    hosts,
  }
  return { ending: planEnding(hosts, refused), plan }
}

/** One sentence for all machines it is true of, in the order of their names. */
function mindedWarnings(minded: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  return [...minded].map(([sentence, of]) => `on ${enumerate([...of].sort())}: ${sentence}`).sort()
}

function sightOf(x: RunContext, minded: Map<string, Set<string>>): Sight {
  const places = new Map<Place, Promise<Machine>>()
  return {
    io: x.io,
    // One that cannot be had now is not tried again for each host that needs it.
    place: (place) => {
      const known = places.get(place) ?? x.machines.shared(place)
      places.set(place, known)
      return known
    },
    mind: (sentence, of) => minded.set(sentence, (minded.get(sentence) ?? new Set()).add(of)),
    readsTraffic: isTrusted(x.event),
    hasSudoPassword: x.inputs.sudoPassword !== null,
    missingSecrets: (host) => missingSecrets(x, host),
  }
}

/**
 * Nothing is resolved: only whether a run with these inputs would have it. Workflows for pull requests and pushes are given
 * no secrets on purpose.
 */
function missingSecrets(x: RunContext, host: HostConfig): readonly PlannedStop[] {
  if (!isTrusted(x.event)) return []
  const isListed = ({ env }: SecretUse) => x.inputs.secrets.includes(env)
  const uses = [...x.file.secretUses.filter((use) => !isListed(use)), ...secretUsesOf(x.file, host.group)]
  return uses.flatMap(({ env, at }): PlannedStop[] => {
    const why = x.noSecret(env)
    const rule = { name: at.path, value: env, line: at.line }
    return why === null ? [] : [{ stage: 'prepare', reason: `${at.path}: ${why}`, rule }]
  })
}

/** Hosts of a group share their windows: what those say is asked once. */
function admissions(hosts: readonly HostConfig[], now: Date): Plan['admission'] {
  const asked = new Map<HostConfig['window'], Omit<Plan['admission'][number], 'host'>>()
  return hosts.map(({ name, window }) => {
    const known = asked.get(window)
    if (known !== undefined) return { host: name, ...known }
    const at = admission(window, now, { scheduled: false })
    const said = { open: at.open, sentence: at.open ? null : at.sentence }
    asked.set(window, said)
    return { host: name, ...said }
  })
}

/** @param refused takes the name of a host that showed a wrong key or refused ours */
async function planHost(
  x: RunContext,
  sight: Sight,
  facts: HostFacts,
  host: HostConfig,
  refused: Set<string>,
): Promise<PlannedHost> {
  if (x.contact !== 'all') return unseen(facts, { why: 'hosts are not contacted under this event' })
  // A push is planned by workflows that are given no key: then nobody was to be asked.
  const keyless = x.event === 'push' && x.inputs.sshPrivateKey === null ? x.closedTo(host) : null
  if (keyless !== null) return unseen(facts, { why: keyless })
  try {
    await using machine = await x.machines.open(host, x.io.signal)
    x.journal.append({ type: 'connected', rights: machine.rights, reconnect: false }, host.name)
    const seen = await foresee(host, machine, sight)
    const overdue = await tellIfOverdue(x, host, machine)
    const notes = [...overdue, ...seen.notes]
    return { ...facts, contacted: true, why: null, remedy: null, unreachable: false, ...seen, notes }
  } catch (error) {
    if (!(error instanceof MaintenanceError)) throw error
    if (error instanceof HostKeyError || error instanceof LoginRefused) refused.add(host.name)
    x.journal.append({ type: 'warning', sentence: `not planned: ${error.message}` }, host.name)
    if (error instanceof ConnectError)
      return unseen(facts, { why: error.message, remedy: error.hint ?? null, unreachable: true })
    const stop = { stage: 'prepare', reason: sentenceOf(error), rule: null } as const
    return unseen(facts, { contacted: true, stops: [stop] })
  }
}

async function tellIfOverdue(x: RunContext, host: HostConfig, machine: Machine): Promise<readonly string[]> {
  const state = await readHostState(machine, x.io.signal)
  const sentence = overdueSentence(host, state?.lastMaintained || null, x.io.clock.now())
  if (sentence !== null) tellOverdue(x.journal, host.name, sentence)
  return sentence === null ? [] : [sentence]
}

/** A host of which nothing is known. */
function unseen({ name, address, group, line, wave, isolation }: HostFacts, more: Partial<PlannedHost>): PlannedHost {
  // Written out: in V8 keys that are added behind a spread cost fifty times as much, and there are many hosts.
  return {
    name,
    address,
    group,
    line,
    wave,
    isolation,
    contacted: more.contacted ?? false,
    why: more.why ?? null,
    remedy: more.remedy ?? null,
    unreachable: more.unreachable ?? false,
    notAsRoot: null,
    packages: null,
    listsAgeSeconds: null,
    reboot: null,
    drain: null,
    steps: [],
    stops: more.stops ?? [],
    notes: [],
    cannotBeUndone: [],
  }
}

function tellHost(x: RunContext, host: PlannedHost): void {
  if (host.packages !== null)
    x.journal.append(
      { type: 'observed', stage: 'update', what: { kind: 'pending', changes: host.packages } },
      host.name,
    )
  if (host.reboot !== null)
    x.journal.append(
      { type: 'observed', stage: 'monitor', what: { kind: 'reboot', needed: host.reboot, why: '' } },
      host.name,
    )
  const [stop] = host.stops
  const config = x.file.hosts.get(host.name)
  x.journal.append(
    {
      type: 'host.ended',
      verdict: host.unreachable ? 'unreachable' : 'untouched',
      reason: `${host.unreachable ? '' : 'planned: '}${stop === undefined ? outlook(host) : `would stop in ${stop.stage}: ${stop.reason}`}`,
      rule: stop?.rule ?? null,
      lastMaintained: null,
      nextDue: (config && x.io.nextDue(config)?.toISOString()) ?? null,
      overrun: false,
    },
    host.name,
  )
}

function outlook(host: PlannedHost): string {
  if (!host.contacted) return host.why ?? 'not contacted'
  return host.notAsRoot === null ? (host.drain?.why ?? 'planned') : `not looked at as root: ${host.notAsRoot}`
}
