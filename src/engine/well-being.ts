import type { CheckResult } from '../checks/check'
import { declaredProbes } from '../checks/kinds'
import { runProbes } from '../checks/run'
import { drainedServicesActive } from '../compare/builtin'
import { Facts } from '../facts/fact'
import { readFacts } from '../facts/read'
import { runningServices, unitId } from '../facts/units'
import { shutters } from '../gate/gate'
import { pause } from './clock'
import type { EngineIo } from './engine-io'
import type { HostContext } from './host-context'
import { readTrafficOrWhy } from './traffic-read'

/**
 * Why users of a host may not be served; null: the last look found all well; undefined: nobody has looked. It counts as out
 * of service like one that is drained (promise 3), for its users can tell no difference.
 */
export type Doubt = string | null | undefined

/** One look that fails may be noise. */
const LOOKS = 2
const BETWEEN_MS = 2_000

/** The same with their way to the host before it, as its drivers say. */
export async function lookAtUsers(x: HostContext, io: EngineIo): Promise<string | null> {
  const read = await readTrafficOrWhy(x).catch(() => ({ state: 'unknown', why: null }) as const)
  if (read === null || read.state === 'in') return lookAtWellBeing(x, io)
  return `its traffic reads ${read.state}${read.why === null ? '' : `: ${read.why}`}`
}

/** A look that takes no lease and tells nobody: declared checks, and the services that are drained for a maintenance. */
export async function lookAtWellBeing(x: HostContext, io: EngineIo): Promise<string | null> {
  for (let look = 1; ; look++) {
    const [checks, facts] = await Promise.all([declaredChecks(x, io), serviceFactsOf(x)])
    const doubt = doubtOf(x, checks, facts)
    if (doubt === null || look === LOOKS || x.signal.aborted) return doubt
    await pause(x.clock, BETWEEN_MS, x.signal)
  }
}

/** Every declared check of the file, once. */
export function declaredChecks(x: HostContext, io: EngineIo): Promise<readonly CheckResult[]> {
  return runProbes(declaredProbes(x.host.stages.verify.checks, { host: x.host, runId: x.run.id }), {
    remote: x.machine,
    runner: io.network,
    place: x.place,
    host: x.host,
    signal: x.signal,
    clock: x.clock,
  })
}

/** What these results, and the units among the facts, say against a host. Unknown is never yes (promise 4). Pure. */
export function doubtOf(
  { host }: Pick<HostContext, 'host'>,
  checks: readonly CheckResult[],
  facts: Facts,
): string | null {
  const services = drainedServicesActive(facts, servicesOf(host))
  const [bad] = shutters([...checks, services])
  if (bad === undefined) return null
  return bad === services ? `of its services ${bad.actual}` : `its check ${bad.id} got: ${bad.actual}`
}

async function serviceFactsOf(x: HostContext): Promise<Facts> {
  const services = servicesOf(x.host).map(unitId)
  if (services.length === 0) return new Facts()
  return readFacts(x.machine, [runningServices(services)], x.signal, x.clock).catch(() => new Facts())
}

const servicesOf = (host: HostContext['host']) => host.stages.drain.services.map((service) => service.name)
