import type { Event } from '../../journal/event'

type Began = Extract<Event, { type: 'step.begun' }>
type Printed = Extract<Event, { type: 'step.output' }>

/** Kept of what a step prints, for the day it fails; the whole of it is in the log file of the step. */
const TAIL_CHARS = 16_384
const TAIL_LINES = 40
/** A step is told about again when nothing was heard of it for this long; then each time twice as long. */
const QUIET_MS = 30_000

/** A step that has begun and not ended. */
interface OpenStep {
  readonly host: string | null
  readonly title: string
  readonly stage: string
  readonly beganAtMs: number
  lastLineAtMs: number
  quietMs: number
  /** Output after the last line feed that was printed. */
  rest: string
  tail: string
  cut: boolean
}

/** A step of which nothing was told for a while. */
export interface QuietStep {
  readonly host: string | null
  readonly title: string
  readonly stage: string
  readonly forMs: number
  /** The last whole line that it printed; empty: none. */
  readonly lastLine: string
}

/** The last lines of a step's output. `cut`: there were more. */
export interface Tail {
  readonly lines: readonly string[]
  readonly cut: boolean
}

/** What runs now, since when, and what it printed last. */
export class OpenSteps {
  readonly #open = new Map<string, OpenStep>()

  begin(event: Began): void {
    this.#open.set(keyOf(event), opened(event, event.title))
  }

  /** Keeps the end of what a step printed. Output of a step that began in an earlier run is kept too. */
  keep(event: Printed): void {
    const step = this.#of(event)
    const text = step.tail + event.text
    step.cut ||= text.length > TAIL_CHARS
    step.tail = text.slice(-TAIL_CHARS)
  }

  /** The lines that are whole now, to be printed at once; null: none yet. */
  whole(event: Printed): string | null {
    const step = this.#of(event)
    const text = step.rest + event.text
    const end = text.lastIndexOf('\n') + 1
    // A line without end is printed before it fills the memory.
    const now = text.length - end > 8_192 ? text.length : end
    step.rest = text.slice(now)
    if (now === 0) return null
    step.lastLineAtMs = Date.parse(event.at)
    return text.slice(0, now)
  }

  /** Takes the step away. `rest`: what `whole` has not given yet. */
  end(event: { host: string | null; stage: string; step: string }): { readonly tail: Tail; readonly rest: string } {
    const step = this.#open.get(keyOf(event))
    this.#open.delete(keyOf(event))
    if (step === undefined) return { tail: { lines: [], cut: false }, rest: '' }
    const all = step.tail.split('\n').filter((line) => line.trim() !== '')
    const lines = all.slice(-TAIL_LINES)
    return { tail: { lines, cut: step.cut || lines.length < all.length }, rest: step.rest }
  }

  /** Steps of which nothing was told for long; each is told once, then after twice the time. */
  quiet(nowMs: number): readonly QuietStep[] {
    return [...this.#open.values()].flatMap((step) => {
      if (nowMs - step.lastLineAtMs < step.quietMs) return []
      step.lastLineAtMs = nowMs
      step.quietMs = Math.max(QUIET_MS, nowMs - step.beganAtMs)
      const { host, title, stage } = step
      return [{ host, title, stage, forMs: nowMs - step.beganAtMs, lastLine: lastLine(step.tail) }]
    })
  }

  #of(event: Printed): OpenStep {
    const step = this.#open.get(keyOf(event)) ?? opened(event, event.step)
    this.#open.set(keyOf(event), step)
    return step
  }
}

function opened(event: Began | Printed, title: string): OpenStep {
  const at = Date.parse(event.at)
  const { host, stage } = event
  return {
    host,
    title,
    stage,
    beganAtMs: at,
    lastLineAtMs: at,
    quietMs: QUIET_MS,
    rest: '',
    tail: '',
    cut: false,
  }
}

function lastLine(tail: string): string {
  const end = tail.lastIndexOf('\n')
  return end === -1 ? '' : (tail.slice(0, end).split('\n').at(-1)?.trim() ?? '')
}

function keyOf(event: { host: string | null; stage: string; step: string }): string {
  return JSON.stringify([event.host, event.stage, event.step])
}
