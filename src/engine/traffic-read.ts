import { stateOf, type TrafficState } from '../traffic/driver'
import { type TrafficReading, trafficState } from '../traffic/traffic'
import { type HostContext, stageInput } from './host-context'
import { machineAt } from './place'

/**
 * Where the users of a host go, by every driver that can say it: `in` or `out` only where all say the same, else
 * `unknown`, as where the place of a driver cannot be had; null where no driver can say anything.
 */
export async function readTraffic(x: HostContext): Promise<TrafficState | null> {
  const readings = trafficState(stageInput(x))
  if (readings.length === 0) return null
  const states: TrafficState[] = []
  for (const reading of readings) states.push(await readOne(x, reading))
  const first = states[0] ?? 'unknown'
  return states.every((s) => s === first) ? first : 'unknown'
}

async function readOne(x: HostContext, reading: TrafficReading): Promise<TrafficState> {
  const machine = await machineAt(x, reading.place)
  if (typeof machine === 'string') return 'unknown'
  const [answer] = await machine.ask([reading.question], x.signal)
  return answer === undefined
    ? 'unknown'
    : stateOf({ exitCode: answer.rc, output: answer.out, truncated: answer.truncated })
}
