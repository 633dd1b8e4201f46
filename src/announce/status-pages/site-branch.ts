import { STATE_FILE } from '../../site/files'
import { parseState, type SiteState } from '../../site/state'
import { type Github, githubStatus } from '../github'

export interface BranchPlace {
  readonly owner: string
  readonly repo: string
  readonly branch: string
}

/** What lies on the branch now. `commit` null: there is no branch yet. */
interface BranchHead {
  readonly commit: string | null
  readonly tree: string | null
  readonly state: SiteState | null
}

/** The branch is not for us to write to; nothing that is tried again would change that. */
export class NotOurBranch extends Error {}

/** Another writer was faster on every try. */
export class BranchBusy extends Error {}

const TRIES = 5

/** A branch that holds nothing but a status site, written by the Git data API: no checkout, one commit a change. */
export class SiteBranch {
  readonly place: BranchPlace
  readonly #github: Github
  readonly #wait: (tries: number) => Promise<void>
  #isChecked = false
  /** What we wrote last: as long as the head is that, nothing has to be read again. */
  #known: BranchHead | null = null

  /** @param wait pauses before another try, longer each time */
  constructor(github: Github, place: BranchPlace, wait: (tries: number) => Promise<void>) {
    this.#github = github
    this.place = place
    this.#wait = wait
  }

  /**
   * Reads what earlier runs left, and publishes what `next` makes of it; null: nothing new to publish. A head that moved
   * meanwhile is read again, and `next` asked again.
   * @throws NotOurBranch, BranchBusy, or what GitHub answered
   */
  async publish(next: (stored: SiteState | null) => Publication | null): Promise<void> {
    await this.#requireNotDefault()
    for (let tries = 1; ; tries++) {
      const head = await this.#head()
      const publication = next(head.state)
      if (publication === null || (await this.#commit(head, publication))) return
      if (tries === TRIES) throw new BranchBusy(`the branch ${this.place.branch} could not be moved in ${TRIES} tries`)
      await this.#wait(tries)
    }
  }

  /** The site of one repository would be laid over its sources. */
  async #requireNotDefault(): Promise<void> {
    if (this.#isChecked) return
    const { owner, repo, branch } = this.place
    const { data } = await this.#github.rest.repos.get({ owner, repo })
    if (data.default_branch === branch)
      throw new NotOurBranch(`${branch} is the default branch of the repository: give the page a branch of its own`)
    this.#isChecked = true
  }

  async #head(): Promise<BranchHead> {
    const { owner, repo, branch } = this.place
    const commit = await this.#orNull(async () => {
      const { data } = await this.#github.rest.git.getRef({ owner, repo, ref: `heads/${branch}` })
      return data.object.sha
    })
    if (commit === null) return { commit: null, tree: null, state: null }
    if (this.#known?.commit === commit) return this.#known
    return this.#read(commit)
  }

  async #read(commit: string): Promise<BranchHead> {
    const { owner, repo, branch } = this.place
    const tree = (await this.#github.rest.git.getCommit({ owner, repo, commit_sha: commit })).data.tree.sha
    const entries = (await this.#github.rest.git.getTree({ owner, repo, tree_sha: tree })).data.tree
    const stored = entries.find(({ path }) => path === STATE_FILE)?.sha
    if (stored === undefined) {
      if (!entries.some(({ path }) => path === 'index.html')) return { commit, tree, state: null }
      throw new NotOurBranch(
        `${branch} has an index.html that is not of a status page: give the page a branch of its own`,
      )
    }
    const { data } = await this.#github.rest.git.getBlob({ owner, repo, file_sha: stored })
    const parsed = parseState(Buffer.from(data.content, 'base64').toString('utf8'))
    if (parsed.ok) return { commit, tree, state: parsed.state }
    throw new NotOurBranch(
      parsed.why === 'newer'
        ? `${STATE_FILE} on ${branch} was written by a later version of Pitstop`
        : `${STATE_FILE} on ${branch} cannot be read: take it away to begin a new history`,
    )
  }

  /** @returns false: the head has moved, so nothing was published */
  async #commit(head: BranchHead, { files, state, message }: Publication): Promise<boolean> {
    const { owner, repo, branch } = this.place
    const { git } = this.#github.rest
    const entries = [...files].map(([path, content]) => ({
      path,
      mode: '100644' as const,
      type: 'blob' as const,
      content,
    }))
    const onTop = head.tree === null ? {} : { base_tree: head.tree }
    const tree = (await git.createTree({ owner, repo, tree: entries, ...onTop })).data.sha
    const parents = head.commit === null ? [] : [head.commit]
    const commit = (await git.createCommit({ owner, repo, message, tree, parents })).data.sha
    try {
      if (head.commit === null) await git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha: commit })
      else await git.updateRef({ owner, repo, ref: `heads/${branch}`, sha: commit, force: false })
    } catch (error) {
      const status = githubStatus(error)
      if (status === 422 || status === 409) return false
      throw error
    }
    this.#known = { commit, tree, state }
    return true
  }

  async #orNull<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask()
    } catch (error) {
      if (githubStatus(error) === 404) return null
      throw error
    }
  }
}

export interface Publication {
  readonly files: ReadonlyMap<string, string>
  readonly state: SiteState
  readonly message: string
}
