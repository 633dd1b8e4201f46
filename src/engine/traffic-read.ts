import { stateOf, type TrafficState } from '../traffic/driver'
import { type TrafficReading, trafficState } from '../traffic/traffic'
import { type HostContext, stageInput } from './host-context'
import { machineAt } from './place'

/**
 * Where the users of a host go, by every driver that can say it: `in` or `out` only where all say the same, else
 * `unknown`, as where the place of a driver cannot be had; null where no driver can say anything.
 */
export async function readTraffic(x: HostContext): Promise<TrafficState | null> {
  const [first, ...others] = await readEachDriver(x)
  if (first === undefined) return null
  return others.every((s) => s === first) ? first : 'unknown'
}

/** Some driver says that users are on the host, whatever the others say, or cannot say. */
export async function isSurelyIn(x: HostContext): Promise<boolean> {
  return (await readEachDriver(x)).includes('in')
}

async function readEachDriver(x: HostContext): Promise<readonly TrafficState[]> {
  const states: TrafficState[] = []
  for (const reading of trafficState(stageInput(x))) states.push(await readOne(x, reading))
  return states
}

async function readOne(x: HostContext, reading: TrafficReading): Promise<TrafficState> {
  const machine = await machineAt(x, reading.place)
  if (typeof machine === 'string') return 'unknown'
  const [answer] = await machine.ask([reading.question], x.signal)
  return answer === undefined
    ? 'unknown'
    : stateOf({ exitCode: answer.rc, output: answer.out, truncated: answer.truncated })
}
