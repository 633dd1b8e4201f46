import type { MaintenanceFile } from '../../config/schema'
import { type Clock, pause } from '../../engine/clock'
import type { Event } from '../../journal/event'
import type { RunRecorder } from '../../report/run-record'
import { siteFiles } from '../../site/files'
import { overallState } from '../../site/overview'
import { isSameState, projectSite, WORD_MS } from '../../site/project'
import type { SiteState } from '../../site/state'
import type { Announcer, Told } from '../announcer'
import { describeGithubError } from '../github'
import { LatestOnly } from '../latest-only'
import { BranchBusy, NotOurBranch, type Publication, type SiteBranch } from './site-branch'
import type { SiteFolder } from './site-folder'

/** Changes within this time become one commit. */
const PACE_MS = 15_000
/** So long the last update of a run may take; a run that is cancelled has little time left. */
const FINISH_MS = 60_000
const FINISH_CANCELLED_MS = 3_000

/** After these a visitor may read something else on the page. */
const SEEN: ReadonlySet<Event['type']> = new Set(['stage.begun', 'stage.ended', 'admitted', 'host.ended', 'run.ended'])

export interface PagesOptions {
  readonly file: MaintenanceFile
  readonly folder: SiteFolder
  readonly branches: readonly SiteBranch[]
  readonly clock: Clock
  /** The run is cancelled. */
  readonly signal: AbortSignal
  /** Ends every request that the branches have under way. */
  readonly giveUp: () => void
  readonly told: Told
}

/** Keeps the status site: a folder always, and a branch for each `pages` of the file, at every change of state. */
export class PagesAnnouncer implements Announcer {
  readonly #o: PagesOptions
  readonly #queue: LatestOnly
  readonly #troubles = new Map<SiteBranch, string>()
  readonly #over = new AbortController()
  #isFolderSaid = false
  #run: Pick<RunRecorder, 'record'> | null = null
  /** What the first branch that could be read had: the history that the folder shows. */
  #stored: SiteState | null = null

  constructor(options: PagesOptions) {
    this.#o = options
    this.#queue = new LatestOnly(() => this.#update(), options.clock, PACE_MS)
  }

  take(event: Event, run: Pick<RunRecorder, 'record'>): void {
    if (!SEEN.has(event.type)) return
    if (this.#run === null) void this.#keepWord()
    this.#run = run
    this.#queue.ask()
  }

  /** A long step tells nothing: the page hears all the same that the run is alive. */
  async #keepWord(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await pause(this.#o.clock, WORD_MS, this.#over.signal)
      this.#queue.ask()
    }
  }

  /** The last update, of every branch, also of those that failed before. */
  async finish(): Promise<void> {
    const done = new AbortController()
    const limitMs = this.#o.signal.aborted ? FINISH_CANCELLED_MS : FINISH_MS
    const limit = this.#o.clock.sleep(limitMs, done.signal).then(this.#o.giveUp, () => undefined)
    this.#over.abort()
    await this.#queue.close()
    if (this.#run !== null) await this.#update()
    done.abort()
    await limit
    for (const branch of this.#run === null ? [] : this.#o.branches) {
      const trouble = this.#troubles.get(branch)
      this.#o.told(
        nameOf(branch),
        trouble === undefined,
        trouble === undefined ? null : `${trouble}; tried again at the end`,
      )
    }
  }

  async #update(): Promise<void> {
    for (const branch of this.#o.branches) await this.#publish(branch)
    try {
      this.#o.folder.write(siteFiles(this.#next(this.#stored), this.#o.file.announce.language))
    } catch (error) {
      // Said once: a disk that is full for hours is one trouble.
      if (!this.#isFolderSaid) this.#o.told('status page folder', false, sentenceOf(error))
      this.#isFolderSaid = true
    }
  }

  async #publish(branch: SiteBranch): Promise<void> {
    try {
      await branch.publish((stored) => this.#publication(stored))
      this.#troubles.delete(branch)
    } catch (error) {
      const why = sentenceOf(error)
      // Said once: a GitHub that is down for hours is one trouble.
      if (this.#troubles.get(branch) !== why) this.#o.told(nameOf(branch), false, why)
      this.#troubles.set(branch, why)
    }
  }

  #publication(stored: SiteState | null): Publication | null {
    this.#stored = stored
    const state = this.#next(stored)
    if (isSameState(stored, state)) return null
    const message = `Status page: ${overallState(state)}`
    return { files: siteFiles(state, this.#o.file.announce.language), state, message }
  }

  #next(stored: SiteState | null): SiteState {
    const record = this.#run?.record()
    if (record === undefined) throw new Error('nothing is known of the run yet')
    return projectSite({ file: this.#o.file, record, stored, now: this.#o.clock.now() })
  }
}

function nameOf({ place }: SiteBranch): string {
  return `status page on ${place.branch}`
}

function sentenceOf(error: unknown): string {
  if (error instanceof NotOurBranch || error instanceof BranchBusy) return error.message
  const isOfGithub =
    error instanceof Error && ('status' in error || error.name === 'AbortError' || error.name === 'TimeoutError')
  return isOfGithub
    ? describeGithubError(error)
    : `an internal error: ${error instanceof Error ? error.message : String(error)}`
}
