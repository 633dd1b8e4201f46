import { stateOf, type TrafficState, whyNoState } from '../traffic/driver'
import { type TrafficReading, trafficState } from '../traffic/traffic'
import { type HostContext, stageInput } from './host-context'
import { machineAt } from './place'

/** What one or all drivers of a host say; `why` where that is unknown, in words. */
export interface TrafficRead {
  readonly state: TrafficState
  readonly why: string | null
}

/**
 * Where the users of a host go, by every driver that can say it: `in` or `out` only where all say the same, else
 * `unknown`, as where the place of a driver cannot be had; null where no driver can say anything. What cannot be read is told.
 */
export async function readTraffic(x: HostContext): Promise<TrafficState | null> {
  const read = await readTrafficOrWhy(x)
  if (read?.state === 'unknown') x.tell({ type: 'warning', sentence: `traffic reads unknown: ${read.why}` })
  return read === null ? null : read.state
}

/** The same with the reason, told to nobody. */
export async function readTrafficOrWhy(x: HostContext): Promise<TrafficRead | null> {
  const reads = await readEachDriver(x)
  const [first, ...others] = reads
  if (first === undefined) return null
  const unread = reads.find((read) => read.state === 'unknown')
  if (unread !== undefined) return unread
  if (others.every((read) => read.state === first.state)) return first
  const each = reads.map((read) => `${read.label} says ${read.state}`)
  return { state: 'unknown', why: each.join(', ') }
}

/** Some driver says that users are on the host, whatever the others say, or cannot say. */
export async function isSurelyIn(x: HostContext): Promise<boolean> {
  return (await readEachDriver(x)).some((read) => read.state === 'in')
}

async function readEachDriver(x: HostContext): Promise<readonly (TrafficRead & { readonly label: string })[]> {
  const reads: (TrafficRead & { readonly label: string })[] = []
  for (const reading of trafficState(stageInput(x)))
    reads.push({ label: reading.label, ...(await readOne(x, reading)) })
  return reads
}

async function readOne(x: HostContext, { label, place, question }: TrafficReading): Promise<TrafficRead> {
  const machine = await machineAt(x, place)
  if (typeof machine === 'string') return { state: 'unknown', why: `${label}: ${machine}` }
  const [answer] = await machine.ask([question], x.signal)
  const read =
    answer === undefined ? undefined : { exitCode: answer.rc, output: answer.out, truncated: answer.truncated }
  const state = read === undefined ? 'unknown' : stateOf(read)
  return { state, why: state === 'unknown' ? `${label}: ${whyNoState(read)}` : null }
}

/** A state that ends a host's run before its first step has no step of its own: it gets one, with a log of what was said. */
export function logUnread(x: HostContext, why: string): void {
  const of = { stage: 'prepare', step: 'read-traffic' } as const
  const title = 'Read the traffic state'
  x.tell({ type: 'step.begun', ...of, title, disruptive: false })
  x.tell({ type: 'step.output', ...of, text: `${why}\n` })
  x.tell({ type: 'step.ended', ...of, title, outcome: 'failed', exitCode: null, durationMs: 0, log: '' })
}
