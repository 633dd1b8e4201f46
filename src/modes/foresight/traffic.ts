import type { HostContext } from '../../engine/host-context'
import { machineAt } from '../../engine/place'
import { ruleAt } from '../../stages/rule'
import type { StageInput } from '../../stages/stage'
import { stateOf, whyNoState } from '../../traffic/driver'
import { type TrafficReading, trafficState } from '../../traffic/traffic'
import type { Found, Sight } from './sight'

/**
 * Where the users of the host go now, by each driver that can say it: a run maintains only a host that is `in`. Where a
 * helper cannot be had that is told by itself.
 */
export async function readTrafficStates(x: HostContext, input: StageInput, sight: Sight): Promise<Found> {
  const readings = trafficState(input)
  const stops: Found['stops'][number][] = []
  const notes: string[] = []
  for (const reading of readings) {
    const unread = whyNotRead(reading, sight)
    if (unread !== null) notes.push(`the traffic state (${reading.label}) was not read: ${unread}`)
    else stops.push(...(await readOne(x, reading)))
  }
  return { stops, notes }
}

function whyNotRead({ step }: TrafficReading, { readsTraffic }: Sight): string | null {
  if (!readsTraffic) return 'under this event a plan runs no command of the file'
  // A plan resolves no secret.
  return Object.keys(step.secretEnv ?? {}).length > 0 ? 'its command needs a secret, which a plan never reads' : null
}

async function readOne(x: HostContext, { label, place, question }: TrafficReading): Promise<Found['stops']> {
  const machine = await machineAt(x, place)
  if (typeof machine === 'string') return []
  const [answer] = await machine.ask([question], x.signal)
  const read =
    answer === undefined ? undefined : { exitCode: answer.rc, output: answer.out, truncated: answer.truncated }
  const state = read === undefined ? 'unknown' : stateOf(read)
  if (state === 'in') return []
  const rule = ruleAt(x.host, 'stages.drain.traffic', state)
  if (state === 'out') return [{ stage: 'drain', reason: `${label}: traffic is out already`, rule }]
  return [{ stage: 'drain', reason: `the traffic state could not be read (${label}): ${whyNoState(read)}`, rule }]
}
