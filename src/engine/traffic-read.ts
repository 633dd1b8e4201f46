import { stateOf, type TrafficState } from '../traffic/driver'
import { trafficState } from '../traffic/traffic'
import { type HostContext, stageInput } from './host-context'

/**
 * Where the users of a host go, by every driver that can say it: `in` or `out` only where all say the same, else
 * `unknown`; null where no driver can say anything.
 */
export async function readTraffic(x: HostContext): Promise<TrafficState | null> {
  const readings = trafficState(stageInput(x)).filter((r) => r.question !== null)
  if (readings.length === 0) return null
  const states = await Promise.all(
    readings.map(async (reading) => {
      if (reading.question === null) return 'unknown'
      const machine = await x.place(reading.place)
      const [answer] = await machine.ask([reading.question], x.signal)
      return answer === undefined ? 'unknown' : stateOf({ exitCode: answer.rc, output: answer.out, truncated: answer.truncated })
    }),
  )
  const first = states[0] ?? 'unknown'
  return states.every((s) => s === first) ? first : 'unknown'
}
