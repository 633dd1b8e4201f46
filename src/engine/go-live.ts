import type { Rebooted } from '../compare/builtin'
import type { OpenGate } from '../gate/gate'
import type { Step } from '../plan/step'
import { resumePhase, undrainPhase } from '../stages/golive'
import type { TrafficState } from '../traffic/driver'
import { driversOf } from '../traffic/kinds'
import type { EngineIo } from './engine-io'
import { hold } from './finish'
import { type HostContext, stageInput } from './host-context'
import { type HostEnd, isStuck, ruleOf } from './host-end'
import { redrain } from './redrain'
import { answers, whileHeard } from './silence'
import { runPhase, runStage } from './stage-run'
import { runSteps } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { stuckHost } from './stuck-host'
import { readTraffic } from './traffic-read'
import { undoOwn } from './undo'
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
    again.said = await takeAway(x)
    // Hooks of a host that fell silent could not be begun either.
    return x.signal.aborted || (await answers(x, x.signal)) ? end : { t: 'lost', why: describeEnd(end) }
  }
  const end = await runStage(x, { name: 'golive', phases: [] }, {}, { core })
  if (end.t === 'ok') return null
  if (again.said === null && isStuck(end)) return stuckHost(x, 'golive', end)
  if (!wasDrained) return hold(x, `golive: ${describeEnd(end)}`, ruleOf(end))
  const said = again.said ?? (await takeAway(x))
  return { ...(await hold(x, `golive: ${describeEnd(end)}; ${said}`, ruleOf(end))), closesRun: true }
}

const takeAway = async (x: HostContext): Promise<string> =>
  (await redrain(x, { stage: 'golive', state: { phase: 'golive', drained: true } })).said

async function letBack(x: HostContext, io: EngineIo, gate: OpenGate, rebooted: Rebooted): Promise<StepsEnd> {
  const wasDrained = x.machine.state.drained
  const undrained = await undrain(x, gate, wasDrained)
  if (undrained.t !== 'ok') return undrained
  const watched: StepsEnd = wasDrained ? await watchHost(x, io, rebooted) : { t: 'ok' }
  if (watched.t !== 'ok') return watched
  // Paused actors go on only once the host has stood its watch.
  return onceServing(x, wasDrained && isServedFrom(x), (y) => runPhase(y, 'golive', resumePhase, { phase: 'golive' }))
}

const OK: StepsEnd = { t: 'ok' }

/** Place by place, and read back. */
async function undrain(x: HostContext, gate: OpenGate, wasDrained: boolean): Promise<StepsEnd> {
  if (x.signal.aborted) return { t: 'cancelled' }
  const own = x.known.hasOwnUndos && wasDrained ? await undoOwn(x, gate) : OK
  if (own.t !== 'ok') return own
  let isServing = false
  for (const row of rowsByPlace(undrainPhase(gate).plan(stageInput(x)).steps)) {
    const isOwn = row[0]?.place === 'host'
    // A program at a helper needs no host; while it works there nothing else could drain it again.
    const end = await onceServing(x, isOwn && isServing, (y) => runSteps(y, 'golive', row, { phase: 'golive' }))
    if (end.t !== 'ok') return end
    isServing ||= !isOwn
  }
  let traffic: TrafficState | null = null
  const read = await onceServing(x, isServing, async (y) => {
    traffic = await readTraffic(y)
    return { t: 'ok' }
  })
  if (read.t === 'ok' && (traffic !== null || wasDrained))
    x.tell({ type: 'traffic', state: traffic ?? 'in', act: 'undrained' })
  return read
}

/** What sends users to a host that fell silent does not wait for its connection to come back: it is drained again. */
function onceServing(
  x: HostContext,
  isServing: boolean,
  act: (x: HostContext) => Promise<StepsEnd>,
): Promise<StepsEnd> {
  return isServing ? whileHeard(x, act) : act(x)
}

/** Some driver that sends users to the host works outside it, so that it can be drained without it. */
const isServedFrom = (x: HostContext) => driversOf(stageInput(x)).some((driver) => driver.place !== 'host')

function rowsByPlace(steps: readonly Step[]): readonly (readonly Step[])[] {
  const rows: Step[][] = []
  for (const step of steps) {
    const row = rows.at(-1)
    if (row?.[0]?.place === step.place) row.push(step)
    else rows.push([step])
  }
  return rows
}
