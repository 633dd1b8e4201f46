import type { Rebooted } from '../compare/builtin'
import type { OpenGate } from '../gate/gate'
import { resumePhase, undrainPhase } from '../stages/golive'
import type { EngineIo } from './engine-io'
import { hold } from './finish'
import type { HostContext } from './host-context'
import { type HostEnd, isStuck, ruleOf } from './host-end'
import { redrain } from './redrain'
import { answers } from './silence'
import { runPhase, runStage } from './stage-run'
import { describeEnd, type StepsEnd } from './steps-end'
import { stuckHost } from './stuck-host'
import { readTraffic } from './traffic-read'
import { watchHost } from './watch-host'

/** Traffic back, read back, watched. A failure here drains again at once and holds; nothing is rolled back. */
export async function goLive(
  x: HostContext,
  io: EngineIo,
  gate: OpenGate,
  rebooted: Rebooted,
): Promise<HostEnd | null> {
  const wasDrained = x.machine.state.drained
  const again: { said: string | null } = { said: null }
  const core = async (): Promise<StepsEnd> => {
    const end = await letBack(x, io, gate, rebooted)
    if (end.t === 'ok' || isStuck(end) || !wasDrained) return end
    // Before any hook: users are on a host that failed them.
    again.said = await redrain(x)
    // Hooks of a host that fell silent could not be begun either.
    return x.signal.aborted || (await answers(x, x.signal)) ? end : { t: 'lost', why: describeEnd(end) }
  }
  const end = await runStage(x, { name: 'golive', phases: [] }, {}, { core })
  if (end.t === 'ok') return null
  if (again.said === null && isStuck(end)) return stuckHost(x, 'golive', end)
  if (!wasDrained) return hold(x, `golive: ${describeEnd(end)}`, ruleOf(end))
  const said = again.said ?? (await redrain(x))
  return { ...(await hold(x, `golive: ${describeEnd(end)}; ${said}`, ruleOf(end))), closesRun: true }
}

async function letBack(x: HostContext, io: EngineIo, gate: OpenGate, rebooted: Rebooted): Promise<StepsEnd> {
  const wasDrained = x.machine.state.drained
  const undrained = await runPhase(x, 'golive', undrainPhase(gate), { phase: 'golive' })
  if (undrained.t !== 'ok') return undrained
  const traffic = await readTraffic(x)
  if (traffic !== null || wasDrained) x.tell({ type: 'traffic', state: traffic ?? 'in', act: 'undrained' })
  const watched: StepsEnd = wasDrained ? await watchHost(x, io, rebooted) : { t: 'ok' }
  // Paused actors go on only once the host has stood its watch.
  return watched.t === 'ok' ? runPhase(x, 'golive', resumePhase, { phase: 'golive' }) : watched
}
