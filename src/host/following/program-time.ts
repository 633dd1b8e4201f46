import type { ShStep } from '../../plan/step'

/**
 * From the order to start to the first record: the way of the program to the host, its disk, and the lock of the machine.
 * From the end of a step to the next begin, or to the last record: conditions of ours and a sync, no work of a step.
 */
const SILENT_MS = 600_000
/** A step that the host should have ended by itself. */
const GRACE_MS = 60_000
/** For what was printed before the last record, and for the end of the follower. */
const LAST_WORDS_MS = 120_000
/** What was written while nobody could read it comes within this time of the new connection. */
const CATCH_UP_MS = 30_000

/** `step`: it is over its time. `silent`: what is to come beside the steps does not come. `over`: nothing more is waited for. */
export type Late =
  | { readonly t: 'step'; readonly step: string }
  | { readonly t: 'silent'; readonly why: string }
  | { readonly t: 'over' }

type Phase = 'start' | 'step' | 'between' | 'over'

/**
 * How long a program is waited for. Each of its phases has an end, whatever comes meanwhile: a host that says a byte a
 * minute has no more time than one that is silent. Their sum is the limit of the whole program.
 */
export class ProgramTime {
  readonly #nowMs: () => number
  #phase: Phase = 'start'
  #step: ShStep | null = null
  #sinceMs: number
  #notBeforeMs = 0

  /** @param nowMs monotonic */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
    this.#sinceMs = nowMs()
  }

  /** A connection was lost: what it kept back is to come first. */
  reattached(): void {
    this.#notBeforeMs = this.#nowMs() + CATCH_UP_MS
  }

  begun(): void {
    if (this.#phase === 'start') this.#turn('between', null)
  }

  stepBegun(step: ShStep | undefined): void {
    this.#turn('step', step ?? null)
  }

  stepEnded(): void {
    this.#turn('between', null)
  }

  over(): void {
    this.#turn('over', null)
  }

  /** In ms, since the present phase began. */
  get elapsedMs(): number {
    return this.#nowMs() - this.#sinceMs
  }

  /** What has taken too long; null: nothing yet. */
  late(): Late | null {
    if (this.#nowMs() < this.#notBeforeMs || this.elapsedMs <= this.#limitMs()) return null
    if (this.#phase === 'over') return { t: 'over' }
    if (this.#step !== null) return { t: 'step', step: this.#step.id }
    const minutes = SILENT_MS / 60_000
    return {
      t: 'silent',
      why:
        this.#phase === 'start'
          ? `the program did not begin within ${minutes} minutes`
          : `the program began no further step, and did not end, within ${minutes} minutes`,
    }
  }

  #limitMs(): number {
    if (this.#phase === 'over') return LAST_WORDS_MS
    if (this.#step === null) return SILENT_MS
    return this.#step.timeoutMs + (this.#step.overtime === 'leave' ? 0 : GRACE_MS)
  }

  /** What is told after the last record, for bytes that it waited for, gives no new time. */
  #turn(phase: Phase, step: ShStep | null): void {
    if (this.#phase === 'over') return
    this.#phase = phase
    this.#step = step
    this.#sinceMs = this.#nowMs()
  }
}
