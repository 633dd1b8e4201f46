import type { Event } from '../../src/journal/event'
import { STRUCK } from './scenario'

/** Results and findings of checks come by the dozen in one moment: to strike at each of them would be to strike once. */
const PASSED_OVER: ReadonlySet<Event['type']> = new Set(['observed', 'facts', 'warning', 'told', 'step.output'])

function nameOf(event: Event): string {
  switch (event.type) {
    case 'step.begun':
    case 'step.ended':
      return `${event.type} ${event.stage}/${event.step}`
    case 'stage.begun':
    case 'stage.ended':
    case 'round':
      return `${event.type} ${event.stage}`
    case 'traffic':
      return `${event.type} ${event.act}`
    default:
      return event.type
  }
}

/** Gives every event of the struck host a name that is the same in every run; null for what nobody strikes at. */
export class Points {
  readonly #seen = new Map<string, number>()

  of(event: Event): string | null {
    const isOfRun = event.type === 'run.begun'
    if (!isOfRun && (event.host !== STRUCK || PASSED_OVER.has(event.type))) return null
    const name = nameOf(event)
    const count = (this.#seen.get(name) ?? 0) + 1
    this.#seen.set(name, count)
    return count === 1 ? name : `${name} #${count}`
  }
}

/** Every point of a journal, in order. */
export function pointsOf(events: readonly Event[]): readonly string[] {
  const points = new Points()
  return events.flatMap((event) => points.of(event) ?? [])
}

/** The stage that a point is in, for those who strike at one stage only; null before the first and after the last. */
export function stageOfPoints(points: readonly string[]): ReadonlyMap<string, string | null> {
  const stages = new Map<string, string | null>()
  let stage: string | null = null
  for (const point of points) {
    const begun = /^stage\.begun (\w+)/.exec(point)
    if (begun?.[1] !== undefined) stage = begun[1]
    stages.set(point, stage)
    if (/^host\.ended/.test(point)) stage = null
  }
  return stages
}
