import type { HostConfig } from '../../config/schema'
import { ConfigError, MaintenanceError, sentenceOf } from '../../errors'
import type { Machine } from '../../host/machine'
import { stateOf, type TrafficState, whyNoState } from '../../traffic/driver'
import { trafficState } from '../../traffic/traffic'
import type { Look } from '../look'

/** Where the users of a host go, as its drivers say now. */
export interface TrafficNow {
  /** null: no driver of the file can say. */
  readonly state: TrafficState | null
  /** `out (command on lb-1)` */
  readonly words: string
}

/** Asked of each driver that can say it; nothing is changed. */
export async function trafficNow(host: HostConfig, machine: Machine, look: Look): Promise<TrafficNow> {
  const states: TrafficState[] = []
  const words: string[] = []
  const run = { id: 'status', mode: 'verify', now: new Date() } as const
  for (const { label, place, question } of trafficState({ host, run })) {
    const at = place === 'host' ? machine : await look.machines.shared(place).catch(sentenceOrThrow)
    const asked = typeof at === 'string' ? at : await at.ask([question], look.signal).catch(secretOrThrow)
    const [answer] = typeof asked === 'string' ? [] : asked
    const read = answer && { exitCode: answer.rc, output: answer.out, truncated: answer.truncated }
    const state = read === undefined ? 'unknown' : stateOf(read)
    const why = typeof asked === 'string' ? asked : whyNoState(read)
    states.push(state)
    words.push(state === 'unknown' ? `unknown (${label}: ${why})` : `${state} (${label})`)
  }
  const [first] = states
  if (first === undefined) return { state: null, words: 'no driver of the file can say where its users go' }
  return { state: states.every((state) => state === first) ? first : 'unknown', words: words.join(', ') }
}

function sentenceOrThrow(error: unknown): string {
  if (error instanceof MaintenanceError) return sentenceOf(error)
  throw error
}

/** A secret that its command needs was not given: that hides where users go, and nothing else of the host. */
function secretOrThrow(error: unknown): string {
  if (error instanceof ConfigError) return sentenceOf(error)
  throw error
}
