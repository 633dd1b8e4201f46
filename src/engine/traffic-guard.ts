import type { ShStep, StageName } from '../plan/step'
import { isolationOf } from '../traffic/kinds'
import { redrainSteps } from '../traffic/traffic'
import { pause } from './clock'
import { type HostContext, stageInput } from './host-context'
import { runSteps } from './steps'
import { describeEnd } from './steps-end'
import { isSurelyIn, readTraffic } from './traffic-read'

const LOOK_EVERY_MS = 30_000
/** A run begins nothing five minutes after it could last renew its lease, which lasts ten: this is over before. */
const AGAIN_MS = 240_000

/**
 * Looks again and again whether an isolated, drained host is still out: a reload of a load balancer forgets a drain (H36).
 * A host found in is drained again and reported.
 */
export class TrafficGuard implements AsyncDisposable {
  readonly #x: HostContext
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  #looks: Promise<void> = Promise.resolve()
  #count = 0
  stage: StageName = 'drain'

  constructor(x: HostContext) {
    // An upgrade may hold the machine for an hour: users who are back on the host cannot wait for that.
    this.#x = { ...x, beside: true }
    this.#loop = isolationOf(x.host) === 'isolated' && x.machine.state.drained ? this.#watch() : Promise.resolve()
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await pause(this.#x.clock, LOOK_EVERY_MS, signal)
      if (!signal.aborted) await this.look()
    }
  }

  /** One look now; looks wait for one another. Called before each stage besides. */
  look(): Promise<void> {
    this.#looks = this.#looks.then(() => this.#lookOnce()).catch((error: unknown) => this.#tellFailed(error))
    return this.#looks
  }

  /** A helper that is gone ends no update: the next look may reach it, and go-live reads the traffic again. */
  #tellFailed(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error)
    this.#x.tell({ type: 'warning', sentence: `the traffic of the drained host could not be watched: ${why}` })
  }

  async #lookOnce(): Promise<void> {
    if (isolationOf(this.#x.host) !== 'isolated' || !this.#x.machine.state.drained || this.#x.signal.aborted) return
    if (!(await isSurelyIn(this.#x).catch(() => false))) return
    this.#x.tell({ type: 'warning', sentence: 'traffic was back on the drained host, not by us: it is drained again' })
    const again = redrainSteps(stageInput(this.#x)).map(
      (step): ShStep => ({
        ...step,
        id: `${step.id}-again-${this.#count}`,
        timeoutMs: Math.min(step.timeoutMs, AGAIN_MS),
      }),
    )
    this.#count += 1
    const end = await runSteps(this.#x, this.stage, again, {})
    if (end.t !== 'ok')
      this.#x.tell({ type: 'warning', sentence: `the host could not be drained again: ${describeEnd(end)}` })
    this.#x.tell({ type: 'traffic', state: (await readTraffic(this.#x)) ?? 'unknown', act: 'drained' })
  }

  /** Ends the watch: from here on traffic may come back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.#looks
  }
}
