import pLimit from 'p-limit'
import type { Budget } from './budget'
import type { HostRun } from './host-run'

/** Hosts of one group that are not in this run's hands: another run may take them at any time. */
export class OtherRuns {
  readonly #hosts: readonly HostRun[]
  readonly #budget: Budget
  readonly #parallel: number
  /** Out only because another run has them: what they are once it is gone is looked at again. */
  readonly #leased = new Set<string>()

  constructor(hosts: readonly HostRun[], budget: Budget, parallel: number) {
    this.#hosts = hosts
    this.#budget = budget
    this.#parallel = parallel
  }

  /** What the first look of a host found. */
  note(host: string, isLeased: boolean): void {
    if (isLeased) this.#leased.add(host)
  }

  /**
   * Right before an admission, with the lease of that host taken: who else is in the hands of another run by now? Both
   * runs take first and look then, so at least one of them sees the other (promise 3).
   */
  async look(): Promise<void> {
    const parallel = pLimit(this.#parallel)
    const idle = this.#hosts.filter((run) => run.end === null && !run.isPrepared)
    await Promise.all(idle.map((run) => parallel(() => this.#lookAt(run))))
  }

  async #lookAt(run: HostRun): Promise<void> {
    const { name } = run.host
    const found = await run.lookAgain()
    // Its own turn, which is a better look, may have begun meanwhile.
    if (run.isPrepared) return
    if (found === 'calm' && this.#leased.delete(name)) this.#budget.free(name)
    if (found === 'leased') this.#leased.add(name)
    if (found === 'leased' || found === 'unreachable') this.#budget.found(name)
  }
}
