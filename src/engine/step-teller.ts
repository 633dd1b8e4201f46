import type { WireItem } from '../host/remote'
import type { ShStep, StageName, StepResult } from '../plan/step'
import type { HostContext } from './host-context'
import { OutputBound } from './output-bound'
import { tellBegin, tellEnd } from './step-events'
import type { StepsEnd } from './steps-end'

/** Turns what a program says into events and results, and remembers the failure that counts. */
export class StepTeller {
  readonly #x: HostContext
  readonly #stage: StageName
  readonly #steps: ReadonlyMap<string, ShStep>
  #open: string | null = null
  #output = new OutputBound()
  failed: StepsEnd | null = null

  constructor(x: HostContext, stage: StageName, steps: readonly ShStep[]) {
    this.#x = x
    this.#stage = stage
    this.#steps = new Map(steps.map((s) => [s.id, s]))
  }

  /** The step that has begun and not ended. */
  get open(): string | null {
    return this.#open
  }

  take(item: WireItem): void {
    if (item.t === 'reconnected') this.#x.tell({ type: 'connected', rights: this.#x.machine.rights, reconnect: true })
    if (item.t === 'live' && item.step !== null) this.#print(item.step, this.#output.push(item.text))
    if (item.t === 'begin') {
      this.#open = item.step
      this.#output = new OutputBound()
      const step = this.#steps.get(item.step)
      if (step) tellBegin(this.#x, this.#stage, step)
    }
    if (item.t === 'end') {
      this.#print(item.result.id, this.#output.end())
      this.#ended(item.result)
    }
  }

  #print(step: string, text: string): void {
    if (text !== '') this.#x.tell({ type: 'step.output', stage: this.#stage, step, text })
  }

  #ended(r: StepResult): void {
    this.#open = null
    const step = this.#steps.get(r.id)
    if (step === undefined) return
    tellEnd(this.#x, this.#stage, step, r)
    if (r.outcome !== 'failed' && r.outcome !== 'interrupted') return
    if (step.required) this.failed ??= { t: 'failed', step: r.id, reason: failure(step, r) }
    else
      this.#x.tell({
        type: 'observed',
        stage: this.#stage,
        what: { kind: 'finding', what: failure(step, r), severity: 'warn', advice: 'Look at the log of the step.' },
      })
  }

  /** Ends the open step with what is known of it: nothing. */
  closeOpen(outcome: 'interrupted' | 'failed'): string {
    const id = this.#open
    const step = id === null ? undefined : this.#steps.get(id)
    if (step === undefined) return 'the program'
    this.#open = null
    tellEnd(this.#x, this.#stage, step, {
      id: step.id,
      outcome,
      exitCode: null,
      durationMs: 0,
      output: '',
      truncated: false,
      tail: '',
    })
    return step.id
  }
}

function failure(step: ShStep, r: StepResult): string {
  const why = r.truncated
    ? 'printed more than it may'
    : r.exitCode === 124
      ? `was ended after ${Math.round(step.timeoutMs / 1000)} s`
      : `ended with exit code ${r.exitCode ?? 'unknown'}`
  const last = r.tail.trim().split('\n').at(-1)?.slice(0, 300) ?? ''
  return `${step.title}: ${why}${last === '' ? '' : ` (${last})`}`
}
