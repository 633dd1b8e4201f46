import type { Step } from '../plan/step'

/** Cuts a row of steps where the place changes and around everything that is no shell step: one round trip a segment. */
export function segmentsOf(steps: readonly Step[]): readonly (readonly Step[])[] {
  const segments: Step[][] = []
  for (const step of steps) {
    const open = segments.at(-1)
    const last = open?.at(-1)
    const joins = last?.do === 'sh' && step.do === 'sh' && last.place === step.place && last.changes === step.changes
    if (joins) open?.push(step)
    else segments.push([step])
  }
  return segments
}
