/** The six promises that a strike is judged by, and that both runs come to an end. */
export const PROMISES = {
  traffic: 'no request of a user reached an unverified service',
  budget: 'no more hosts out than the budget',
  verdict: 'every verdict is true',
  packages: 'no package half configured',
  events: 'no event lost',
  once: 'nothing done twice that may be done once',
  end: 'every run comes to an end with a report',
} as const

export type Promised = keyof typeof PROMISES

/** A promise that was broken, in one sentence. */
export interface Broken {
  readonly promise: Promised
  readonly sentence: string
}
