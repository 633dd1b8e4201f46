import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DemoFleet } from '../../../src/demo/demo-fleet'
import { parseState, type SiteState } from '../../../src/site/state'
import { FakeComments } from '../../fake-github/comments'
import { contentRoutes } from '../../fake-github/contents'
import { FakeGithub, type FakeRoutes } from '../../fake-github/fake-github'
import { FakeGit } from '../../fake-github/git'
import { sampleOf } from '../../fake-github/sample'
import { ACTIONS_BOT, userRoutes } from '../../fake-github/users'
import { Job, type StepEnd } from '../../runner/harness'
import { Receiver } from './receiver'

export const TOKEN = 'ghs_fake_token_of_a_test'
export const BASE = 'a'.repeat(40)

/** What GitHub says of the repository when it is asked. */
const PUBLIC: FakeRoutes = {
  'GET /repos/{owner}/{repo}': () => ({
    status: 200,
    body: sampleOf('full-repository', { private: false, visibility: 'public' }),
  }),
}

export interface Wanted {
  readonly event: string
  readonly payload?: Readonly<Record<string, unknown>>
  /** The host whose new release does not work. */
  readonly breaking?: string
  /** Another deploy.sh than that of the demo. */
  readonly deploy?: string
}

/** Everybody who can be told about a run: a GitHub with branches and comments, a webhook, a Slack. */
export class Audience implements AsyncDisposable {
  readonly github: FakeGithub
  readonly receiver: Receiver
  readonly git: FakeGit
  readonly comments: FakeComments
  readonly #bundle: string

  private constructor(bundle: string, parts: Pick<Audience, 'github' | 'receiver' | 'git' | 'comments'>) {
    this.#bundle = bundle
    this.github = parts.github
    this.receiver = parts.receiver
    this.git = parts.git
    this.comments = parts.comments
  }

  /** @param bundle folder with index.js */
  static async gather(bundle: string): Promise<Audience> {
    const git = new FakeGit()
    const comments = new FakeComments(ACTIONS_BOT)
    const files = new Map([[`${BASE}:maintenance.yml`, 'version: 1\nhosts: { web-1: { address: 127.0.0.11 } }\n']])
    const routes = { ...git.routes, ...userRoutes(null), ...comments.routes, ...contentRoutes(files), ...PUBLIC }
    const github = await FakeGithub.start(routes, TOKEN)
    return new Audience(bundle, { git, comments, github, receiver: await Receiver.start(bundle) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.github[Symbol.asyncDispose]()
    await this.receiver[Symbol.asyncDispose]()
  }

  /** The action on one host of a fleet of its own, as a runner starts it. */
  async maintain(wanted: Wanted): Promise<StepEnd> {
    await using fleet = await inTurn(() => DemoFleet.start(wanted.breaking ?? null, false))
    using job = new Job()
    const path = join(fleet.repository, 'maintenance.yml')
    writeFileSync(path, `${readFileSync(path, 'utf8')}${this.#announceText()}`)
    if (wanted.deploy !== undefined) writeFileSync(join(fleet.repository, 'deploy.sh'), wanted.deploy)
    const end = await job.run({
      entry: join(this.#bundle, 'index.js'),
      workspace: fleet.repository,
      event: wanted.event,
      payload: { repository: { private: true, full_name: 'acme/ops' }, ...wanted.payload },
      inputs: {
        hosts: 'web-1',
        secrets: 'SLACK\nHOOK_SECRET',
        'ssh-private-key': fleet.loginKey,
        'known-hosts': fleet.knownHosts,
        'github-token': TOKEN,
      },
      env: {
        GITHUB_API_URL: this.github.url,
        NODE_EXTRA_CA_CERTS: this.receiver.caFile,
        SLACK: this.receiver.url('slack'),
        HOOK_SECRET: this.receiver.secret,
      },
    })
    this.page = readFolder(end.outputs.get('status-page'))
    return end
  }

  /** The folder of the last run, before it went with its fleet; null: none was built. */
  page: ReadonlyMap<string, string> | null = null

  #announceText(): string {
    return `announce:
  status_page: [{ pages: { branch: gh-pages } }]
  notify:
    - slack: { webhook: "\${env:SLACK}" }
    - webhook: { url: "${this.receiver.url('hook')}", secret: "\${env:HOOK_SECRET}" }
`
  }

  get kinds(): readonly string[] {
    return this.receiver.hooked.map(({ type }) => type)
  }

  get writes(): readonly string[] {
    return this.github.requests.map(({ route }) => route).filter((route) => !route.startsWith('GET'))
  }

  /** @throws where the branch has none */
  get stateOnBranch(): SiteState {
    const parsed = parseState(this.git.files('gh-pages').get('status.json') ?? '')
    if (!parsed.ok) throw new Error('the branch has no status.json that can be read')
    return parsed.state
  }

  /** The trees of the branch, newest first. */
  get trees(): readonly string[] {
    const all: string[] = []
    for (let at = this.git.heads.get('gh-pages'); at !== undefined; at = this.git.commits.get(at)?.parents[0])
      all.push(this.git.commits.get(at)?.tree ?? '')
    return all
  }
}

let turn: Promise<unknown> = Promise.resolve()

/** Two fleets that look for a free port at the same moment find the same one. */
function inTurn<T>(start: () => Promise<T>): Promise<T> {
  const started = turn.then(start)
  turn = started.catch(() => undefined)
  return started
}

function readFolder(path: string | undefined): ReadonlyMap<string, string> | null {
  if (path === undefined || path === '') return null
  return new Map(readdirSync(path).map((name) => [name, readFileSync(join(path, name), 'utf8')]))
}
