import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { Marked } from 'marked'
import { afterAll, beforeAll, expect, test as sequential } from 'vitest'
import type { FakeTrouble } from '../../fake-github/fake-github'
import type { StepEnd } from '../../runner/harness'
import { Audience, BASE, TOKEN } from './audience'

/** A run on a host with SSH, beside other tests; alone it takes a few seconds, most of them at GitHub's pace. */
const test = sequential.concurrent
const SLOW_MS = 300_000

let bundle: string
beforeAll(async () => {
  bundle = mkdtempSync(join(tmpdir(), 'bundle-'))
  await build({
    entryPoints: [join(import.meta.dirname, '../../../src/index.ts')],
    outdir: bundle,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
  })
})
afterAll(() => rmSync(bundle, { recursive: true }))

const warnings = ({ commands }: StepEnd) => commands.filter(({ name }) => name === 'warning').map(({ value }) => value)
/** The time of the last look, which a page that was published before does not know. */
const withoutTime = (page: string | undefined) => page?.replace(/<p class="when">.*/, '')

function expectNothingSecret(end: StepEnd, { receiver }: Audience): void {
  const shown = [...end.lines.filter((line) => !line.startsWith('::add-mask::')), end.summary, end.stderr].join('\n')
  for (const secret of [TOKEN, receiver.secret, receiver.url('slack')]) expect(shown).not.toContain(secret)
}

test(
  'schedule: begun and finished are told once each and signed; the branch has one commit a change and what the folder has',
  async () => {
    await using told = await Audience.gather(bundle)
    const end = await told.maintain({ event: 'schedule' })
    expect(end.exitCode, end.lines.join('\n')).toBe(0)
    expect(told.kinds).toEqual(['maintenance.begun', 'maintenance.finished'])
    expect(told.receiver.hooked.every(({ isSigned }) => isSigned)).toBe(true)
    expect(told.receiver.slacked).toEqual([
      expect.stringContaining('*Demo* has begun'),
      expect.stringContaining('*Demo* is finished: every host is verified and live'),
    ])
    expect(new Set(told.trees).size).toBe(told.trees.length)
    expect(told.stateOnBranch.history).toMatchObject([{ verdict: 'live' }])
    const published = told.git.files('gh-pages')
    expect([...published.keys()].sort()).toEqual([...(told.page?.keys() ?? [])].sort())
    expect(withoutTime(published.get('index.html'))).toBe(withoutTime(told.page?.get('index.html')))
    expect(warnings(end)).toEqual([])
    expectNothingSecret(end, told)
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

test(
  'workflow_dispatch: a host that is held is told once, with its reason and whom to call; the page asks for attention',
  async () => {
    await using told = await Audience.gather(bundle)
    const end = await told.maintain({ event: 'workflow_dispatch', breaking: 'web-1' })
    expect(end.exitCode).toBe(1)
    expect(told.kinds).toEqual(['maintenance.begun', 'maintenance.held', 'maintenance.finished'])
    expect(new Set(told.receiver.hooked.map(({ id }) => id)).size).toBe(3)
    expect(told.receiver.slacked).toHaveLength(3)
    expect(told.receiver.slacked[1]).toMatch(/\*web-1\* is held.*\nReason: .*503.*\nCall you\./s)
    expect(told.stateOnBranch.maintenances[0]?.components).toMatchObject([{ name: 'web', state: 'attention' }])
    expect(told.git.log('gh-pages')[0]).toBe('Status page: attention')
    const [held] = end.commands.filter(({ name }) => name === 'error')
    expect(held).toMatchObject({
      properties: { file: 'maintenance.yml' },
      value: expect.stringContaining('web-1 is held'),
    })
    expect(end.commands.filter(({ name }) => name === 'notice')).toHaveLength(1)
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

test.each([
  ['by its event', { repository: { private: false, visibility: 'public', full_name: 'acme/ops' } }],
  ['by GitHub, as the event of a schedule does not say', { repository: undefined, schedule: '20 1 * * 0' }],
])(
  'H11: in a repository that is public %s neither log, summary nor annotations hold what a host said',
  async (_, payload) => {
    await using told = await Audience.gather(bundle)
    const end = await told.maintain({ event: 'schedule', breaking: 'web-1', payload })
    expect(end.exitCode).toBe(1)
    const shown = [...end.lines, end.summary].join('\n')
    expect(shown).not.toMatch(/503|cannot read its database|deploy\.sh|serves on|127\.0\.0\.11/)
    expect(end.lines).toContainEqual(expect.stringContaining('Outsiders may read this log'))
    expect(end.lines).toContainEqual(expect.stringMatching(/\d web-1 \| verify: failed \(/))
    expect(end.lines).toContainEqual(expect.stringMatching(/\d web-1 \| gate shut$/))
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

const HOSTILE = [
  '::error file=maintenance.yml::stolen',
  '##[error]stolen',
  '</details><script>alert(1)</script><img src=x onerror=alert(1)>',
  '```',
  '# stolen heading',
  '| a | b |',
  '```mermaid',
  'gantt',
  '[link](https://attacker.example/)',
  '\u001b[31mred\u0007 \u202ebackwards',
  '<!channel> @everyone',
]
const ANY_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

test(
  'H41: what a host says is text everywhere: in log, summary, annotations, notices, page and feeds',
  async () => {
    await using told = await Audience.gather(bundle)
    const deploy = `#!/bin/sh\ncat <<'END' | tee /dev/stderr\n${HOSTILE.join('\n')}\nEND\nexit 3\n`
    const end = await told.maintain({ event: 'workflow_dispatch', deploy })
    expect(end.outputs.get('held')).toBe('["web-1"]')
    expect(end.lines.some((line) => line.includes('stolen heading'))).toBe(true)
    expect(end.commands.filter(({ value }) => value.startsWith('stolen'))).toEqual([])
    expect(end.lines.filter((line) => ANY_CONTROL.test(line))).toEqual([])
    // A markdown reader of somebody else finds no heading, link, chart or tag of the host in the summary.
    expect(end.summary).toContain('stolen heading')
    const kinds = new Marked().lexer(end.summary)
    const html = new Marked().parser(kinds)
    expect(html).not.toMatch(/<script|<img|<h1|attacker\.example\/"/)
    expect(html.match(/<details>/g)?.length).toBe(html.match(/<\/details>/g)?.length)
    expect(kinds.filter((token) => token.type === 'code' && token.lang === 'mermaid')).toHaveLength(1)
    const outside = [...(told.page?.values() ?? []), ...told.receiver.slacked].join('\n')
    expect(outside).not.toMatch(/stolen|alert\(1\)|<!channel>|attacker/)
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

const request = (head: string) => ({
  pull_request: {
    number: 7,
    base: { sha: BASE, repo: { full_name: 'acme/ops' } },
    head: { repo: { full_name: head } },
  },
})

test(
  'pull_request from a branch: one comment with the plan; nobody else is told and no page is published',
  async () => {
    await using told = await Audience.gather(bundle)
    const end = await told.maintain({ event: 'pull_request', payload: request('acme/ops') })
    expect(end.exitCode, end.lines.join('\n')).toBe(0)
    expect(end.outputs.get('verdict')).toBe('planned')
    expect(told.comments.all).toHaveLength(1)
    expect(told.comments.all[0]?.body).toContain('### What changes in `maintenance.yml`')
    expect(told.writes).toEqual(['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'])
    expect([told.receiver.hooked, told.receiver.slacked]).toEqual([[], []])
    expect(end.outputs.get('status-page')).toBe('')
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

test(
  'pull_request from a fork: the summary has the plan, the job is green, and nothing is written or sent anywhere',
  async () => {
    await using told = await Audience.gather(bundle)
    const end = await told.maintain({ event: 'pull_request', payload: request('mallory/ops') })
    expect(end.exitCode, end.lines.join('\n')).toBe(0)
    expect(end.summary).toContain('### Waves')
    expect(told.writes).toEqual([])
    expect([told.receiver.hooked, told.receiver.slacked]).toEqual([[], []])
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

const limited = (seconds: string) => ({ status: 429, body: { message: 'slow' }, headers: { 'retry-after': seconds } })
const troubles: readonly (readonly [string, ReturnType<FakeTrouble>, string])[] = [
  ['is down', 'drop', 'GitHub did not answer'],
  ['never answers', 'hang', 'GitHub did not answer'],
  ['answers 401', { status: 401, body: { message: 'Bad credentials' } }, 'GitHub answered 401'],
  ['answers 403', { status: 403, body: { message: 'no' } }, 'GitHub answered 403'],
  ['answers 409', { status: 409, body: { message: 'no' } }, 'GitHub answered 409'],
  ['answers 422', { status: 422, body: { message: 'no' } }, 'GitHub answered 422'],
  ['answers 429 for an hour', limited('3600'), 'GitHub answered 429'],
  ['answers 502', { status: 502, body: '<html>' }, 'GitHub answered 502'],
]

test.each(troubles)(
  'a GitHub that %s is a warning and is tried again at the end; the host goes live and the notices go out',
  async (_, trouble, why) => {
    await using told = await Audience.gather(bundle)
    told.github.trouble = () => trouble
    const end = await told.maintain({ event: 'schedule' })
    expect(end.exitCode, end.lines.join('\n')).toBe(0)
    expect(end.outputs.get('verdict')).toBe('live')
    expect(warnings(end).some((line) => line.includes(why) && line.endsWith('tried again at the end'))).toBe(true)
    expect(end.summary).toContain(why)
    expect(told.kinds).toEqual(['maintenance.begun', 'maintenance.finished'])
    expect(told.page?.get('index.html')).toContain('All services are running')
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)

test(
  'a GitHub that asks to wait a moment, and one that is back before the end, has the page without a warning at the end',
  async () => {
    await using told = await Audience.gather(bundle)
    told.github.trouble = (_, count) => (count === 1 ? limited('1') : null)
    const end = await told.maintain({ event: 'schedule' })
    expect(end.exitCode).toBe(0)
    expect(warnings(end)).toEqual([])
    expect(told.stateOnBranch.history).toMatchObject([{ verdict: 'live' }])
    expect(told.github.problems).toEqual([])
  },
  SLOW_MS,
)
