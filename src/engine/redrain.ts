import type { HostState } from '../host/state'
import type { Place, ShStep, StageName } from '../plan/step'
import type { TrafficState } from '../traffic/driver'
import { isolationOf } from '../traffic/kinds'
import { redrainSteps } from '../traffic/traffic'
import { pause } from './clock'
import { type HostContext, stageInput } from './host-context'
import { isStuck } from './host-end'
import { orLost, withinReach } from './silence'
import { runSteps } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { readTraffic } from './traffic-read'

const TRIES = 3
const PAUSE_MS = 2_000

/** In which stage users are taken away, and what the disk of the host says from then on. */
interface Again {
  readonly stage: StageName
  readonly state: Partial<HostState>
}

export interface Redrained {
  /** In words, what came of it. */
  readonly said: string
  /** null: no driver can say. */
  readonly traffic: TrafficState | null
}

/**
 * Takes users away from a host that must not serve them: at helpers and the runner at once, for the host may be the one
 * that fell silent; then on the host itself. Tells where traffic goes.
 */
export async function redrain(x: HostContext, again: Again): Promise<Redrained> {
  const steps = redrainSteps(stageInput(x))
  const elsewhere = [...new Set(steps.map((step) => step.place))].filter((place) => place !== 'host')
  const ends = new Map<Place, StepsEnd>()
  const at = async (place: Place, y: HostContext) => {
    const own = steps.filter((step) => step.place === place)
    if (own.length > 0) ends.set(place, orLost(x, await insist(y, own, again)))
  }
  await Promise.all(elsewhere.map((place) => at(place, x)))
  const isOwn = steps.some((step) => step.place === 'host')
  const rest = async (y: HostContext) => {
    await at('host', y)
    return readTraffic(y)
  }
  const traffic = isOwn ? await withinReach(x, rest) : await readTraffic(x)
  if (traffic !== null) x.tell({ type: 'traffic', state: traffic, act: 'drained' })
  const said = steps.length === 0 ? WITHOUT_DRIVER[isolationOf(x.host)] : wordsOf(ends)
  return { said: traffic === 'in' || traffic === 'unknown' ? `${said}, but traffic reads ${traffic}` : said, traffic }
}

/** What keeps users away from a host that no driver can drain. */
const WITHOUT_DRIVER = {
  isolated: 'no driver takes its users away',
  stopped: 'no driver takes its users away: its services are what is stopped',
  exposed: 'its users stay on it, as nothing in the file takes them away',
} as const

/** As with an undo, a drain that was cut or failed is tried again. */
async function insist(x: HostContext, steps: readonly ShStep[], { stage, state }: Again): Promise<StepsEnd> {
  for (let tries = 1; ; tries++) {
    const row = steps.map((step) => (tries === 1 ? step : { ...step, id: `${step.id}-again-${tries}` }))
    const end = await runSteps(x, stage, row, state)
    // Who cannot be had was waited for already.
    if (end.t === 'ok' || isStuck(end) || (end.t === 'failed' && end.unreached) || tries === TRIES) return end
    await pause(x.clock, PAUSE_MS, x.signal)
  }
}

function wordsOf(ends: ReadonlyMap<Place, StepsEnd>): string {
  const failed = [...ends].filter(([, end]) => end.t !== 'ok')
  if (failed.length === 0) return 'drained again'
  return failed.map(([place, end]) => `NOT drained again at ${place}: ${describeEnd(end)}`).join('; ')
}
