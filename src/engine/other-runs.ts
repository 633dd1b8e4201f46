import pLimit from 'p-limit'
import type { Budget } from './budget'
import type { HostRun } from './host-run'
import { WHY_OUT } from './scouted'
import type { Doubt } from './well-being'

/** Hosts of one group that are not in this run's hands: another run may take them at any time. */
export class OtherRuns {
  readonly #hosts: readonly HostRun[]
  readonly #budget: Budget
  readonly #parallel: number
  /** Out because of another run, or as they did not answer: what they are once that is over is looked at again. */
  readonly #taken = new Set<string>()

  constructor(hosts: readonly HostRun[], budget: Budget, parallel: number) {
    this.#hosts = hosts
    this.#budget = budget
    this.#parallel = parallel
  }

  /** What the first look of a host found. */
  note(host: string, isLeased: boolean): void {
    if (isLeased) this.#taken.add(host)
  }

  /**
   * Right before an admission, with the lease of that host taken: who else is in the hands of another run by now? Both
   * runs take first and look then, so at least one of them sees the other (promise 3). Hosts that had their turn, and were
   * given back, are asked like those that wait for it.
   */
  async look(): Promise<void> {
    const parallel = pLimit(this.#parallel)
    await Promise.all(this.#hosts.filter(mayBeTaken).map((run) => parallel(() => this.#lookAt(run))))
  }

  async #lookAt(run: HostRun): Promise<void> {
    const { name } = run.host
    const found = await run.lookAgain()
    // Its own turn, which is a better look, may have begun meanwhile.
    if (!mayBeTaken(run)) return
    // It is looked at like by a first look: the other run may have left it out, or broken.
    if (found === 'calm' && this.#taken.delete(name)) this.#judge(name, await run.lookAtUsers())
    // Another run that took it out, and is gone by now, has left it out. Who did not answer may do so the next time.
    if (found !== 'calm') this.#taken.add(name)
    if (found !== 'calm') this.#budget.found(name, WHY_OUT[found])
  }

  #judge(name: string, doubt: Doubt): void {
    if (doubt == null) this.#budget.free(name)
    else this.#budget.found(name, doubt)
  }
}

/** Held and unreachable ones count as out in any case. */
function mayBeTaken(run: HostRun): boolean {
  if (run.end === null) return !run.isPrepared
  return !run.isInHand && run.end.verdict !== 'held' && run.end.verdict !== 'unreachable'
}
