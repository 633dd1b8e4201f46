import { excerpt } from '../checks/excerpt'
import type { StagesConfig } from '../config/stages'
import type { Place, Secret, ShStep } from '../plan/step'
import { heard } from '../shell/heard'
import type { Sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'

export type TrafficEntry = StagesConfig['drain']['traffic'][number]

/** What users of a host meet at one driver. Anything that is neither said nor read for sure is `unknown`. */
export type TrafficState = 'in' | 'out' | 'unknown'

/** One command of a driver, ready for a step. */
export interface Act {
  readonly run: Sh
  readonly script?: ShStep['script']
  readonly env: Readonly<Record<string, string>>
  readonly secretEnv: Readonly<Record<string, Secret>>
  readonly timeoutMs: number
}

/** One way users are kept off a host until it goes live. */
export interface TrafficDriver {
  readonly kind: string
  /** `command on lb-1` */
  readonly label: string
  readonly place: Place
  readonly drain: Act
  /** Idempotent: it may run on a host that is in already. */
  readonly undrain: Act
  /** Prints `in` or `out`. null: the driver cannot say, so it isolates nobody. */
  readonly state: Act | null
}

/** One kind of driver of the maintenance file. Adding one is a file and a line in kinds.ts. */
export interface TrafficKind {
  readonly kind: string
  /** null: the entry is of another kind. */
  readonly driver: (entry: TrafficEntry, x: Pick<StageInput, 'host' | 'run'>) => TrafficDriver | null
  readonly statesOut: (entry: TrafficEntry) => boolean
}

/** How a state command ended. */
export interface StateAnswer {
  readonly exitCode: number | null
  readonly output: string
  readonly truncated: boolean
}

/** Only an exit code 0 and exactly one of the two words is an answer. */
export function stateOf(answer: StateAnswer): TrafficState {
  if (answer.exitCode !== 0 || answer.truncated) return 'unknown'
  const word = heard(answer.output).printed.trim()
  return word === 'in' || word === 'out' ? word : 'unknown'
}

/** Why such an answer is none: how the command ended, what it said, and what was expected. */
export function whyNoState(answer: StateAnswer | undefined): string {
  if (answer === undefined) return 'no answer came; expected in or out'
  const { printed, stderr } = heard(answer.output)
  const text = quoted(printed)
  const ended = answer.exitCode === null ? 'did not end, or was cut off' : `ended with exit code ${answer.exitCode}`
  const said = answer.truncated ? 'more than an answer is' : text === '' ? 'nothing' : text
  const onStderr = quoted(stderr.slice(-MOST_SHOWN))
  return `the state command ${ended} and printed ${said}; expected in or out${onStderr === '' ? '' : `; on stderr ${onStderr}`}`
}

const MOST_SHOWN = 300
const quoted = (text: string) => excerpt(Buffer.from(text), MOST_SHOWN)
