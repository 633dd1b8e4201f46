import { declaredProbes } from '../../checks/kinds'
import { runProbes } from '../../checks/run'
import { checkId } from '../../config/check-id'
import type { EngineIo } from '../../engine/engine-io'
import type { HostContext } from '../../engine/host-context'
import { ruleAt } from '../../stages/rule'
import type { Found } from './sight'

/**
 * Declared checks that only look (http, tcp, service) are tried once, as monitor would before anything changes. Those that
 * are commands of the file are not run, and the plan says so.
 */
export async function tryChecks(x: HostContext, io: Pick<EngineIo, 'network'>): Promise<Found> {
  const { verify, monitor } = x.host.stages
  const looking = verify.checks.filter((entry) => !('command' in entry))
  const commands = verify.checks.filter((entry) => 'command' in entry).map((entry) => checkId(entry, x.host))
  const results = await runProbes(declaredProbes(looking, { host: x.host, runId: x.run.id }), {
    remote: x.machine,
    runner: io.network,
    place: x.place,
    host: x.host,
    signal: x.signal,
    clock: x.clock,
  })
  const broken = results
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'unknown')
    .map(({ id, expected, actual }) => `${id} expected ${expected}, got ${actual}`)
  const stopping = monitor.broken === 'stop'
  return {
    stops: (stopping ? broken : []).map((what) => ({
      stage: 'monitor',
      reason: `a declared check is broken before anything changed: ${what}`,
      rule: ruleAt(x.host, 'stages.monitor.broken', 'stop'),
    })),
    notes: [
      ...(stopping ? [] : broken.map((what) => `a declared check is broken now (monitor.broken: continue): ${what}`)),
      ...(commands.length > 0 ? [`not tried, because a plan runs no command of the file: ${commands.join(', ')}`] : []),
    ],
  }
}
