import { createHash } from 'node:crypto'
import type { FakeAnswer, FakeRequest, FakeRoutes } from './fake-github'
import { sampleOf } from './sample'

interface FakeCommit {
  readonly tree: string
  readonly parents: readonly string[]
  readonly message: string
}

type Tree = ReadonlyMap<string, string>

/** Branches, commits, trees and blobs of one repository, as the Git data API reads and writes them. */
export class FakeGit {
  readonly heads = new Map<string, string>()
  readonly commits = new Map<string, FakeCommit>()
  readonly #trees = new Map<string, Tree>()
  readonly #blobs = new Map<string, string>()
  readonly #defaultBranch: string

  constructor(defaultBranch = 'main') {
    this.#defaultBranch = defaultBranch
  }

  /** A commit by somebody else, at once on the branch. */
  push(branch: string, files: Readonly<Record<string, string>>): void {
    const parent = this.heads.get(branch)
    const base = parent === undefined ? undefined : this.commits.get(parent)?.tree
    const tree = this.#keepTree(
      new Map([...(this.#trees.get(base ?? '') ?? []), ...this.#keepBlobs(Object.entries(files))]),
    )
    this.heads.set(
      branch,
      this.#keepCommit({ tree, parents: parent === undefined ? [] : [parent], message: 'by hand' }),
    )
  }

  /** Files on the head of a branch. */
  files(branch: string): ReadonlyMap<string, string> {
    const tree = this.#trees.get(this.commits.get(this.heads.get(branch) ?? '')?.tree ?? '') ?? new Map()
    return new Map([...tree].map(([path, blob]) => [path, this.#blobs.get(blob) ?? '']))
  }

  /** Messages from the head of a branch back to its root. */
  log(branch: string): string[] {
    const messages: string[] = []
    for (let at = this.heads.get(branch); at !== undefined; at = this.commits.get(at)?.parents[0])
      messages.push(this.commits.get(at)?.message ?? '')
    return messages
  }

  readonly routes: FakeRoutes = {
    'GET /repos/{owner}/{repo}': () => ({
      status: 200,
      body: sampleOf('full-repository', { default_branch: this.#defaultBranch }),
    }),
    'GET /repos/{owner}/{repo}/git/ref/{ref}': ({ params }) => this.#ref(params.ref ?? ''),
    'GET /repos/{owner}/{repo}/git/commits/{commit_sha}': ({ params }) => this.#commit(params.commit_sha ?? '', 200),
    'GET /repos/{owner}/{repo}/git/trees/{tree_sha}': ({ params }) => this.#tree(params.tree_sha ?? '', 200),
    'GET /repos/{owner}/{repo}/git/blobs/{file_sha}': ({ params }) => this.#blob(params.file_sha ?? ''),
    'POST /repos/{owner}/{repo}/git/trees': (request) => this.#createTree(request),
    'POST /repos/{owner}/{repo}/git/commits': ({ body }) =>
      this.#commit(
        this.#keepCommit({
          tree: String(body?.tree),
          parents: (body?.parents ?? []) as string[],
          message: String(body?.message),
        }),
        201,
      ),
    'POST /repos/{owner}/{repo}/git/refs': ({ body }) => this.#createRef(String(body?.ref), String(body?.sha)),
    'PATCH /repos/{owner}/{repo}/git/refs/{ref}': ({ params, body }) => this.#moveRef(params.ref ?? '', body),
  }

  #createTree({ body }: FakeRequest): FakeAnswer {
    const entries = (body?.tree ?? []) as { path: string; content: string }[]
    const base = this.#trees.get(String(body?.base_tree)) ?? []
    const blobs = this.#keepBlobs(entries.map(({ path, content }) => [path, content] as const))
    return this.#tree(this.#keepTree(new Map([...base, ...blobs])), 201)
  }

  #ref(ref: string, status = 200): FakeAnswer {
    const sha = this.heads.get(ref.replace('heads/', ''))
    if (sha === undefined) return NOT_FOUND
    const object = { type: 'commit', sha, url: 'https://api.github.com/c' }
    return { status, body: { ref: `refs/${ref}`, node_id: 'R', url: 'https://api.github.com/r', object } }
  }

  #createRef(ref: string, sha: string): FakeAnswer {
    const branch = ref.replace('refs/heads/', '')
    if (this.heads.has(branch)) return refused('Reference already exists')
    this.heads.set(branch, sha)
    return this.#ref(`heads/${branch}`, 201)
  }

  #moveRef(ref: string, body: FakeRequest['body']): FakeAnswer {
    const branch = ref.replace('heads/', '')
    const sha = String(body?.sha)
    const isForward = this.commits.get(sha)?.parents.includes(this.heads.get(branch) ?? '') === true
    if (body?.force !== false || !isForward) return refused('Update is not a fast forward')
    this.heads.set(branch, sha)
    return this.#ref(ref)
  }

  #commit(sha: string, status: number): FakeAnswer {
    const commit = this.commits.get(sha)
    if (commit === undefined) return NOT_FOUND
    const tree = { sha: commit.tree, url: 'https://api.github.com/t' }
    return { status, body: sampleOf('git-commit', { sha, message: commit.message, tree }) }
  }

  #tree(sha: string, status: number): FakeAnswer {
    const tree = this.#trees.get(sha)
    if (tree === undefined) return NOT_FOUND
    const entries = [...tree].map(([path, blob]) => ({
      path,
      mode: '100644',
      type: 'blob',
      sha: blob,
      size: 1,
      url: 'x',
    }))
    return { status, body: { sha, url: 'https://api.github.com/t', truncated: false, tree: entries } }
  }

  #blob(sha: string): FakeAnswer {
    const text = this.#blobs.get(sha)
    if (text === undefined) return NOT_FOUND
    const content = Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n')
    return { status: 200, body: sampleOf('blob', { sha, content, encoding: 'base64', size: Buffer.byteLength(text) }) }
  }

  #keepBlobs(files: readonly (readonly [string, string])[]): [string, string][] {
    return files.map(([path, text]) => {
      const sha = shaOf(`blob ${text}`)
      this.#blobs.set(sha, text)
      return [path, sha]
    })
  }

  #keepTree(tree: Tree): string {
    const sha = shaOf(`tree ${JSON.stringify([...tree].sort())}`)
    this.#trees.set(sha, tree)
    return sha
  }

  #keepCommit(commit: FakeCommit): string {
    const sha = shaOf(`commit ${JSON.stringify(commit)}`)
    this.commits.set(sha, commit)
    return sha
  }
}

const NOT_FOUND: FakeAnswer = {
  status: 404,
  body: { message: 'Not Found', documentation_url: 'https://docs.github.com', status: '404' },
}

function refused(message: string): FakeAnswer {
  return { status: 422, body: { message, documentation_url: 'https://docs.github.com' } }
}

function shaOf(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}
