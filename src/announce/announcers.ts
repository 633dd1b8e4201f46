import type { Inputs } from '../action/inputs'
import type { MaintenanceFile } from '../config/schema'
import { type Clock, pause } from '../engine/clock'
import type { Event } from '../journal/event'
import type { Secret } from '../plan/step'
import type { RunRecorder } from '../report/run-record'
import type { Announcer, Told } from './announcer'
import { githubClient } from './github'
import { httpsPost } from './notifiers/https-post'
import { notifiersOf } from './notifiers/notifiers'
import { PagesAnnouncer } from './status-pages/pages'
import { SiteBranch } from './status-pages/site-branch'
import { SiteFolder } from './status-pages/site-folder'

export interface AnnounceOptions {
  readonly file: MaintenanceFile
  readonly inputs: Pick<Inputs, 'githubToken'>
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  /** The run is cancelled: what is under way is given little time. */
  readonly signal: AbortSignal
  /** The report folder; the site becomes `site` in it. */
  readonly dir: string
  /** What is known of the run. It has to have taken an event before `listen` gets it. */
  readonly run: Pick<RunRecorder, 'record'>
  /** @throws MaintenanceError where it is not listed or empty */
  readonly secret: (secret: Secret) => string
  readonly told: Told
  /** Takes secrets out of a text. */
  readonly hide: (text: string) => string
  /** The unit of pauses between tries at GitHub; shorter only in tests. */
  readonly paceMs?: number
}

/** Everybody who is told about a run, as one: nothing in here can fail the run or keep it waiting. */
export interface Announcers {
  listen(event: Event): void
  finish(): Promise<void>
  /** Folder of the built site. */
  readonly sitePath: string
}

export function createAnnouncers(o: AnnounceOptions): Announcers {
  const folder = new SiteFolder(o.dir)
  const { clock, secret, told } = o
  const notifiers = notifiersOf({ config: o.file.announce, secret, post: httpsPost(), clock, told, hide: o.hide })
  const announcers: readonly Announcer[] = [pagesAnnouncer(o, folder), ...notifiers]
  return {
    sitePath: folder.path,
    listen(event) {
      for (const announcer of announcers) announcer.take(event, o.run)
    },
    async finish() {
      await Promise.allSettled(announcers.map((announcer) => announcer.finish()))
    },
  }
}

const TRY_AGAIN_MS = 1_000

function pagesAnnouncer(o: AnnounceOptions, folder: SiteFolder): Announcer {
  const stop = new AbortController()
  const [owner, repo] = (o.env.GITHUB_REPOSITORY ?? '').split('/')
  const branches = o.file.announce.status_page.map(({ pages }) => pages.branch)
  const token = o.inputs.githubToken
  const canPublish = token !== null && owner && repo
  if (branches.length > 0 && !canPublish)
    o.told(
      'status page',
      false,
      'there is no github-token, or no repository to publish to; the folder is built all the same',
    )
  const paceMs = o.paceMs ?? TRY_AGAIN_MS
  // Jitter: two runs that met once would otherwise meet again.
  const wait = (tries: number) => pause(o.clock, paceMs * tries * (0.5 + Math.random()), stop.signal)
  const github = canPublish
    ? githubClient({
        token,
        apiUrl: o.env.GITHUB_API_URL ?? 'https://api.github.com',
        signal: stop.signal,
        ...(o.paceMs === undefined ? {} : { paceMs: o.paceMs }),
      })
    : null
  return new PagesAnnouncer({
    file: o.file,
    folder,
    branches:
      github && owner && repo ? branches.map((branch) => new SiteBranch(github, { owner, repo, branch }, wait)) : [],
    clock: o.clock,
    signal: o.signal,
    giveUp: () => stop.abort(),
    told: o.told,
  })
}
