import pLimit from 'p-limit'
import type { HostConfig } from '../config/schema'
import { OFF_FOR_NOW } from '../config/stage/clean'
import { admission } from '../config/window'
import type { Ending } from '../engine/verdict'
import { HostKeyError, LoginRefused, MaintenanceError } from '../errors'
import type { HostFacts } from '../journal/event'
import type { Plan, PlannedHost } from '../plan/plan'
import { planWarnings } from '../plan/warnings'
import { counted } from '../show/duration'
import { foresee } from './foresee'
import { dueHosts, hostFacts, type RunContext, tellSkipped } from './run-context'

/** `mode: plan`: what a run would do. Executes nothing of the repository, changes nothing on any host (promise 9). */
export async function planMode(x: RunContext): Promise<{ ending: Ending; plan: Plan }> {
  tellSkipped(x)
  const now = x.io.clock.now()
  const due = dueHosts(x, now)
  const facts = hostFacts(x.file, x.selected, now).filter((h) => due.has(h.name))
  const limit = pLimit(20)
  const refused = new Set<string>()
  const hosts = await Promise.all(facts.map((f) => limit(() => planHost(x, f, due.get(f.name) as HostConfig, refused))))
  for (const host of hosts) tellHost(x, host)
  const plan: Plan = {
    version: 1,
    configHash: x.file.configHash,
    madeAt: now.toISOString(),
    admission: admissions([...due.values()], now),
    notAvailable: OFF_FOR_NOW,
    warnings: planWarnings(x.file),
    hosts,
  }
  const reached = hosts.filter((h) => h.contacted).length
  return {
    ending: {
      verdict: 'planned',
      reason: hosts.length > 0 && refused.size === hosts.length ? 'key' : 'none',
      sentence: `${counted(hosts.length, 'host')} planned, ${reached} of them asked`,
    },
    plan,
  }
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
async function planHost(x: RunContext, facts: HostFacts, host: HostConfig, refused: Set<string>): Promise<PlannedHost> {
  const { name, address, group, line, wave, isolation } = facts
  // Written out: in V8 keys that are added behind a spread cost fifty times as much, and there are many hosts.
  const silent = (why: string): PlannedHost => ({
    name,
    address,
    group,
    line,
    wave,
    isolation,
    contacted: false,
    why,
    packages: null,
    listsAgeSeconds: null,
    reboot: null,
    drain: null,
    steps: [],
    stops: [],
    cannotBeUndone: [],
  })
  if (x.contact !== 'all') return silent('hosts are not contacted under this event')
  try {
    await using machine = await x.machines.open(host, x.io.signal)
    x.journal.append({ type: 'connected', rights: machine.rights, reconnect: false }, host.name)
    return { ...facts, contacted: true, why: null, ...(await foresee(host, machine, x.io)) }
  } catch (error) {
    if (error instanceof MaintenanceError) {
      if (error instanceof HostKeyError || error instanceof LoginRefused) refused.add(host.name)
      x.journal.append({ type: 'warning', sentence: `not reached, so not planned: ${error.message}` }, host.name)
      return silent(error.message)
    }
    throw error
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
  const reason = host.contacted ? (host.drain?.why ?? 'planned') : (host.why ?? 'not contacted')
  const verdict = host.contacted || x.contact !== 'all' ? 'untouched' : 'unreachable'
  const config = x.file.hosts.get(host.name)
  x.journal.append(
    {
      type: 'host.ended',
      verdict,
      reason: `planned: ${reason}`,
      rule: null,
      lastMaintained: null,
      nextDue: (config && x.io.nextDue(config)?.toISOString()) ?? null,
      overrun: false,
    },
    host.name,
  )
}
