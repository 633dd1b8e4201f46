import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test as sequential } from 'vitest'
import { createAnnouncers } from '../../../src/announce/announcers'
import { type Clock, systemClock } from '../../../src/engine/clock'
import type { Event } from '../../../src/journal/event'
import { RunRecorder } from '../../../src/report/run-record'
import { parseState } from '../../../src/site/state'
import { FakeGithub, type FakeTrouble } from '../../fake-github/fake-github'
import { FakeGit } from '../../fake-github/git'
import { recording } from '../../unit/report/recording'
import { begun, type Entry, ended, fileOf, runEnded, through } from '../../unit/site/scenes'

/** The client keeps GitHub's pace of a write a second, so these wait side by side. */
const test = sequential.concurrent

const TOKEN = 'ghs_fake_token_of_a_test'
const PAGES = 'announce: { status_page: [{ pages: { branch: gh-pages } }] }\n'

const root = mkdtempSync(join(tmpdir(), 'pitstop-pages-'))
afterAll(() => rmSync(root, { recursive: true }))

/** The last day of time passes at once, so that pauses between commits take none. */
const hasty: Clock = {
  ...systemClock,
  now: () => new Date('2026-11-22T03:00:00Z'),
  sleep: (ms, signal) => systemClock.sleep(ms >= 60_000 ? ms : Math.min(ms, 5), signal),
}

interface Setting {
  readonly github: FakeGithub
  readonly more?: string
  readonly signal?: AbortSignal
  readonly token?: string | null
}

function announcersOf({ github, more = PAGES, signal, token = TOKEN }: Setting, id = 'run-1') {
  const told: string[] = []
  const folder = mkdtempSync(join(root, 'run-'))
  const run = new RunRecorder()
  const announcers = createAnnouncers({
    hide: (text) => text,
    file: fileOf(more),
    inputs: { githubToken: token },
    env: { GITHUB_REPOSITORY: 'acme/ops', GITHUB_API_URL: github.url },
    clock: hasty,
    signal: signal ?? new AbortController().signal,
    dir: folder,
    run,
    secret: () => '',
    told: (who, ok, why) => told.push(`${who}: ${ok ? 'ok' : why}`),
    paceMs: 1,
  })
  const listen = (...entries: readonly Entry[]) => {
    for (const event of recording(...entries)) {
      const own: Event = { ...event, run: id, seq: ++seq }
      run.add(own)
      announcers.listen(own)
    }
  }
  let seq = 0
  return { announcers, told, listen, site: join(folder, 'site') }
}

const heldRun: readonly Entry[] = [
  begun('web-1'),
  ...through('web-1', 'verify'),
  ended(400, 'web-1', 'held'),
  runEnded(410, 'held'),
]
const liveRun: readonly Entry[] = [
  begun('web-1'),
  ...through('web-1', 'golive'),
  ended(430, 'web-1', 'live'),
  runEnded(440, 'live'),
]

async function wholeRun(setting: Setting, entries: readonly Entry[], id?: string): Promise<readonly string[]> {
  return (await finished(setting, entries, id)).told
}

async function finished(setting: Setting, entries: readonly Entry[], id?: string) {
  const { announcers, told, listen, site } = announcersOf(setting, id)
  listen(...entries)
  await announcers.finish()
  return { told, site }
}

function stateOn(git: FakeGit, branch = 'gh-pages') {
  const parsed = parseState(git.files(branch).get('status.json') ?? '')
  if (!parsed.ok) throw new Error('no status.json that can be read')
  return parsed.state
}

test('a missing branch is made without a parent, and holds what the folder holds', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  const { told, site } = await finished({ github }, liveRun)
  expect(github.problems).toEqual([])
  expect(told).toEqual(['status page on gh-pages: ok'])
  const [first] = [...git.commits.values()]
  expect(first?.parents).toEqual([])
  expect([...git.files('gh-pages').keys()].sort()).toEqual(readdirSync(site).sort())
  expect(git.files('gh-pages').get('index.html')).toBe(readFileSync(join(site, 'index.html'), 'utf8'))
  expect(stateOn(git).history.map(({ run, verdict }) => `${run} ${verdict}`)).toEqual(['run-1 live'])
})

test('the next run keeps the history and what others put on the branch', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  await wholeRun({ github }, heldRun, 'run-1')
  git.push('gh-pages', { CNAME: 'status.example.com' })
  await wholeRun({ github }, liveRun, 'run-2')
  expect(github.problems).toEqual([])
  expect(
    stateOn(git)
      .history.map(({ run }) => run)
      .sort(),
  ).toEqual(['run-1', 'run-2'])
  expect(git.files('gh-pages').get('CNAME')).toBe('status.example.com')
  expect(stateOn(git).maintenances[0]?.components.find(({ name }) => name === 'web')?.state).toBe('operational')
})

test('each state is one commit while the run goes on, and a page that would look the same is none', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  const { announcers, listen } = announcersOf({ github })
  listen(begun('web-1'), ...through('web-1', 'update', { open: true }))
  await until(() => git.heads.has('gh-pages'))
  expect(stateOn(git).maintenances[0]?.active[0]?.stage).toBe('update')
  listen(...through('web-1', 'verify', { open: true }).slice(-1))
  await until(() => git.log('gh-pages')[0] === 'Status page: verifying')
  listen([400, 'web-1', { type: 'stage.begun', stage: 'verify' }])
  listen(ended(430, 'web-1', 'live'), runEnded(440, 'live'))
  await announcers.finish()
  expect(github.problems).toEqual([])
  expect(git.log('gh-pages').at(-1)).toBe('Status page: maintenance')
  expect(git.log('gh-pages')).toHaveLength(3)
})

test('a head that moved meanwhile is read again, and nothing of the other writer is lost', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  await wholeRun({ github }, heldRun, 'run-1')
  const other = { ...stateOn(git), history: [{ ...(stateOn(git).history[0] ?? none()), run: 'run-of-others' }] }
  github.trouble = ({ route }, count) => {
    if (route === 'POST /repos/{owner}/{repo}/git/commits' && count === 2)
      git.push('gh-pages', { 'status.json': JSON.stringify(other) })
    return null
  }
  const told = await wholeRun({ github }, liveRun, 'run-2')
  expect(github.problems).toEqual([])
  expect(told).toEqual(['status page on gh-pages: ok'])
  expect(
    stateOn(git)
      .history.map(({ run }) => run)
      .sort(),
  ).toEqual(['run-2', 'run-of-others'])
})

test('a branch that never stays still is given up after five tries', async () => {
  const git = new FakeGit()
  git.push('gh-pages', { CNAME: 'a' })
  await using github = await FakeGithub.start(git.routes, TOKEN)
  let pushes = 0
  github.trouble = ({ route }) => {
    if (route === 'POST /repos/{owner}/{repo}/git/commits') git.push('gh-pages', { CNAME: String(++pushes) })
    return null
  }
  const told = await wholeRun({ github }, liveRun)
  expect(told.at(-1)).toBe(
    'status page on gh-pages: the branch gh-pages could not be moved in 5 tries; tried again at the end',
  )
  expect(pushes).toBe(10)
})

const troubles: readonly (readonly [string, ReturnType<FakeTrouble>, RegExp])[] = [
  ['401', { status: 401, body: { message: 'Bad credentials' } }, /GitHub answered 401 \(the token is not valid\)/],
  [
    '403',
    { status: 403, body: { message: 'Resource not accessible by integration' } },
    /GitHub answered 403 \(.*permissions.*?\)/,
  ],
  ['404', { status: 404, body: { message: 'Not Found' } }, /GitHub answered 404 \(.*?\)/],
  ['409', { status: 409, body: { message: 'Git Repository is empty.' } }, /GitHub answered 409 \(.*?\)/],
  ['422', { status: 422, body: { message: '</html>' } }, /GitHub answered 422 \(.*?\)/],
  [
    '429 for a long time',
    { status: 429, body: { message: 'x' }, headers: { 'retry-after': '3600' } },
    /GitHub answered 429 \(.*?\)/,
  ],
  ['502', { status: 502, body: 'Bad Gateway' }, /GitHub answered 502/],
  ['cut connections', 'drop', /GitHub did not answer [^;]*/],
]

test.each(troubles)(
  'a GitHub that answers %s is a warning now and again at the end; the folder is there',
  async (_, trouble, why) => {
    const git = new FakeGit()
    await using github = await FakeGithub.start(git.routes, TOKEN)
    github.trouble = ({ route }) => (route.startsWith('GET /repos/{owner}/{repo}/git/ref') ? trouble : null)
    if (trouble !== 'drop' && trouble !== 'hang' && trouble?.status === 404)
      github.trouble = ({ route }) => (route.startsWith('POST') ? trouble : null)
    if (trouble !== 'drop' && trouble !== 'hang' && trouble?.status === 422)
      github.trouble = ({ route }) => (route.startsWith('POST /repos/{owner}/{repo}/git/trees') ? trouble : null)
    const { announcers, told, listen, site } = announcersOf({ github })
    listen(...liveRun.slice(0, 6))
    await until(() => told.length === 1)
    listen(...liveRun.slice(6))
    await announcers.finish()
    expect(told.map((one) => one.replace(why, 'WHY'))).toEqual([
      'status page on gh-pages: WHY',
      'status page on gh-pages: WHY; tried again at the end',
    ])
    expect(readdirSync(site)).toContain('index.html')
  },
)

test('a GitHub that was down and is back has the page at the end', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  github.trouble = () => ({ status: 503, body: { message: 'down' } })
  const { announcers, told, listen } = announcersOf({ github })
  listen(...heldRun.slice(0, 6))
  await until(() => told.length === 1)
  github.trouble = () => null
  listen(...heldRun.slice(6))
  await announcers.finish()
  expect(told.at(-1)).toBe('status page on gh-pages: ok')
  expect(stateOn(git).history[0]?.verdict).toBe('held')
})

test('429 with a short Retry-After is waited for', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  github.trouble = ({ route }, count) =>
    route.startsWith('GET /repos/{owner}/{repo}/git/ref') && count === 1
      ? { status: 429, body: { message: 'slow down' }, headers: { 'retry-after': '1' } }
      : null
  expect(await wholeRun({ github }, liveRun)).toEqual(['status page on gh-pages: ok'])
  expect(github.problems).toEqual([])
})

test('a GitHub that never answers does not keep a cancelled run', async () => {
  const git = new FakeGit()
  await using github = await FakeGithub.start(git.routes, TOKEN)
  github.trouble = () => 'hang'
  const began = performance.now()
  const told = await wholeRun({ github, signal: AbortSignal.abort() }, liveRun)
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(told.at(-1)).toMatch(/GitHub did not answer.*tried again at the end$/)
})

test('what is not ours is left alone: the default branch, a site of somebody else, a later version', async () => {
  const git = new FakeGit('gh-pages')
  await using onDefault = await FakeGithub.start(git.routes, TOKEN)
  expect((await wholeRun({ github: onDefault }, liveRun)).at(-1)).toMatch(/gh-pages is the default branch/)
  for (const [files, why] of [
    [{ 'index.html': 'mine' }, /has an index\.html that is not of a status page/],
    [{ 'status.json': '{"version":2}' }, /written by a later version of Pitstop/],
    [{ 'status.json': 'no json' }, /cannot be read: take it away/],
  ] as const) {
    const other = new FakeGit()
    other.push('gh-pages', files)
    await using github = await FakeGithub.start(other.routes, TOKEN)
    expect((await wholeRun({ github }, liveRun)).at(-1)).toMatch(why)
    expect(other.log('gh-pages')).toEqual(['by hand'])
  }
})

test('without a token the folder is built, and a page that was asked for is a warning', async () => {
  await using github = await FakeGithub.start({}, TOKEN)
  const { told, site } = await finished({ github, token: null }, liveRun)
  expect(told).toEqual([expect.stringMatching(/^status page: there is no github-token/)])
  expect(await wholeRun({ github, token: null, more: '' }, liveRun)).toEqual([])
  expect(readdirSync(site)).toContain('index.html')
  expect(github.requests).toEqual([])
})

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; !isTrue(); tries++) {
    if (tries > 1_500) throw new Error('it did not come true')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

function none(): never {
  throw new Error('there is none')
}
