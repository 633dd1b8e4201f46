import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest'
import { OUTPUT_NAMES } from '../../../src/action/outputs'
import { type Report, reportSchema } from '../../../src/report/report-schema'
import { Job, type StepEnd, type StepOptions } from '../../runner/harness'

/** The runner itself, which nobody has to reach; shut but for an hour of the year that no test runs in. */
const month = ((new Date().getUTCMonth() + 6) % 12) + 1
const SHUT = `window: { open: "0 2 1 ${month} *", duration: 2h, timezone: UTC }\n`
const LOCAL = 'version: 1\nhosts:\n  me: { transport: local, become: none, state_dir: /nonexistent/pitstop }\n'
const FAR = 'version: 1\nhosts:\n  far-1: { address: 192.0.2.1 }\n  far-2: { address: 192.0.2.2 }\n'

let workspace: string
let job: Job
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'contract-'))
  job = new Job()
})
afterEach(() => {
  job[Symbol.dispose]()
  rmSync(workspace, { recursive: true })
})

interface Ended {
  readonly end: StepEnd
  readonly out: Readonly<Record<string, string>>
  /** null: there is none where the output says it is. */
  readonly report: Report | null
  readonly errors: readonly string[]
}

/** Main as a runner starts it. Whatever happens all outputs are set, and post has nothing to do. */
async function main(file: string | null, options: Partial<StepOptions> = {}): Promise<Ended> {
  if (file !== null) writeFileSync(join(workspace, 'maintenance.yml'), file)
  const end = await job.run({ entry: join(inject('bundle'), 'index.js'), workspace, ...options })
  expect([...end.outputs.keys()]).toEqual(OUTPUT_NAMES)
  const out = Object.fromEntries(end.outputs)
  const path = out.report ?? ''
  const report = existsSync(path) ? reportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) : null
  const post = await job.run({ entry: join(inject('bundle'), 'post.js'), workspace, ...options }, end.state)
  expect(post).toMatchObject({ exitCode: 0, commands: [] })
  return { end, out, report, errors: end.commands.filter((c) => c.name === 'error').map((c) => c.value) }
}

describe('the event decides the mode', () => {
  test.each(['schedule', 'workflow_dispatch', 'repository_dispatch'])('%s runs', async (event) => {
    const { end, out, report } = await main(LOCAL + SHUT, { event })
    expect(end.exitCode).toBe(0)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'too-early', untouched: '["me"]', plan: '' })
    expect(report?.run).toMatchObject({ mode: 'run', verdict: 'refused', reason: 'too-early' })
    expect(report?.hosts[0]?.nextDue).toMatch(/-01T02:00:00\.000Z$/)
  })

  test.each(['pull_request', 'push', 'merge_group'])('%s plans, also without a key', async (event) => {
    const { end, out, report } = await main(FAR, { event })
    expect(end.exitCode).toBe(0)
    expect(out).toMatchObject({ verdict: 'planned', 'downtime-seconds': '0', live: '[]', held: '[]' })
    expect(report?.run).toMatchObject({ mode: 'plan', planHash: out['plan-hash'] })
    expect(existsSync(out.plan ?? '')).toBe(true)
  })

  test.each(['release', 'issue_comment', 'workflow_run', 'pull_request_target', 'workflow_call'])(
    '%s is refused by name',
    async (event) => {
      const { end, out, report, errors } = await main(LOCAL, { event })
      expect(end.exitCode).toBe(1)
      expect(out).toMatchObject({ verdict: 'refused', reason: 'event', untouched: '[]', 'downtime-seconds': '' })
      expect(errors.join('\n')).toContain(`"${event}"`)
      const { url, actor, mode } = report?.run ?? {}
      expect({ url, actor, mode }).toEqual({
        url: 'https://github.com/acme/ops/actions/runs/1000',
        actor: 'octocat',
        mode: null,
      })
    },
  )

  test.each([
    ['pull_request', 'run'],
    ['pull_request_target', 'recover'],
    ['merge_group', 'verify'],
    ['issue_comment', 'run'],
    ['workflow_run', 'recover'],
    ['push', 'run'],
    ['issues', 'run'],
    ['release', 'recover'],
    ['deployment', 'verify'],
  ])('%s refuses the mode %s', async (event, mode) => {
    const { end, out, report } = await main(LOCAL, { event, inputs: { mode } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'event' })
    expect(report?.run.mode).toBe(mode)
  })

  test('ignore-window is for workflow_dispatch only', async () => {
    const { end, out } = await main(LOCAL + SHUT, { event: 'schedule', inputs: { 'ignore-window': 'true' } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'event' })
  })
})

test('H11: where nobody says who may read the repository, the log is as for the public', async () => {
  const { end } = await main(LOCAL + SHUT, { event: 'schedule', payload: {} })
  expect(end.lines).toContainEqual(expect.stringContaining('Outsiders may read this log'))
  const known = await main(LOCAL + SHUT, { event: 'schedule', inputs: { 'report-dir': 'other' } })
  expect(known.end.lines.join()).not.toContain('Outsiders')
})

describe('a schedule that never falls into the window', () => {
  // Shut but for an hour of the year, and never started then.
  const tick = `0 9 1 ${month} *`
  const never = `the schedule of the workflow, "${tick}" (UTC), never falls into the window of default`

  test('is a warning of a run, and in the sentence that everybody reads: it would be green for ever', async () => {
    const { end } = await main(LOCAL + SHUT, {
      event: 'schedule',
      payload: { schedule: tick, repository: { private: false } },
    })
    expect(end.exitCode).toBe(0)
    expect(end.summary).toContain(never)
    expect(end.commands.some(({ name }) => name === 'warning')).toBe(true)
  })

  test('is a warning of a plan, by the file of the workflow, and not where another tick of it does', async () => {
    const plan = (ticks: readonly string[]) => {
      mkdirSync(join(workspace, '.github/workflows'), { recursive: true })
      const on = { schedule: ticks.map((cron) => ({ cron })), pull_request: {} }
      writeFileSync(join(workspace, '.github/workflows/m.yml'), JSON.stringify({ on }))
      const env = {
        GITHUB_REPOSITORY: 'acme/ops',
        GITHUB_WORKFLOW_REF: 'acme/ops/.github/workflows/m.yml@refs/pull/7/merge',
      }
      return main(LOCAL + SHUT, { event: 'pull_request', env })
    }
    expect((await plan([tick])).end.summary).toContain(never)
    expect((await plan([tick, `0 3 1 ${month} *`])).end.summary).not.toContain('never falls')
  })
})

describe('what is refused leaves a report without hosts', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['H1: an input that does not exist', { mod: 'plan' }, /there is no input "mod"; did you mean "mode"/],
    ['H1: a boolean that is neither true nor false', { 'ignore-window': 'yes' }, /expected true or false, got "yes"/],
    ['a mode that does not exist', { mode: 'pln' }, /did you mean "plan"/],
    ['a mode of a later version', { mode: 'announce' }, /not available in this version/],
    ['an input of a later version', { shard: '2/4' }, /shard: .* not available in this version/],
    ['H2: a secret named like a variable of the runner', { secrets: 'GITHUB_TOKEN' }, /"GITHUB_TOKEN" is no name/],
    ['a name that no host has', { hosts: 'me,group:defalt' }, /did you mean "group:default"/],
    ['a choice that is empty', { hosts: ',' }, /the choice is empty/],
    ['a file that is not there', { config: 'other.yml' }, /there is no such file/],
    ['an ssh_config that is not there', { 'ssh-config': 'nowhere' }, /ssh-config: the file nowhere cannot be read/],
    ['H16: a file outside the repository', { config: '../maintenance.yml' }, /cannot hold "\.\."/],
  ])('%s', async (_, inputs, sentence) => {
    const { end, out, report, errors } = await main(LOCAL, { inputs })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'file', untouched: '[]', 'downtime-seconds': '', plan: '' })
    expect(errors.join('\n')).toMatch(sentence)
    expect(report).toMatchObject({ run: { verdict: 'refused', reason: 'file', configHash: null }, hosts: [] })
  })

  test('H10: a secret that is too short to be masked', async () => {
    const { end, out, errors } = await main(LOCAL, { inputs: { secrets: 'SHORT_ONE' }, env: { SHORT_ONE: 'abc' } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'file' })
    expect(errors.join('\n')).toContain('SHORT_ONE')
  })

  test('a report folder that is refused holds no report', async () => {
    const { out, errors } = await main(LOCAL, { inputs: { 'report-dir': '../elsewhere' } })
    expect(out).toMatchObject({ verdict: 'refused', reason: 'file', report: '' })
    expect(errors.join('\n')).toContain('must not contain ".."')
  })

  test('a file with mistakes: all at once, each annotated on its line', async () => {
    const { end, report } = await main('version: 1\nhosts:\n  a: { adress: x }\nstages: { updat: {} }\n')
    const annotated = end.commands.filter((c) => c.name === 'error' && c.properties.line !== undefined)
    expect(annotated.map((c) => [c.properties.file, c.properties.line, c.properties.col])).toEqual([
      ['maintenance.yml', '3', '8'],
      ['maintenance.yml', '4', '11'],
    ])
    expect(report?.hosts).toEqual([])
  })
})

test('an empty input means its default', async () => {
  const inputs = Object.fromEntries(
    ['config', 'mode', 'ssh-private-key', 'known-hosts', 'secrets', 'hosts', 'plan', 'ignore-window', 'shard'].map(
      (name) => [name, ''],
    ),
  )
  const { end, out } = await main(LOCAL + SHUT, { inputs })
  expect(end.exitCode).toBe(0)
  expect(out.reason).toBe('too-early')
})

describe('without anything to log in with', () => {
  test.each([
    ['run', 'refused'],
    ['recover', 'refused'],
    ['verify', 'failed'],
  ])('%s is red with the reason key, and every host is unreachable', async (mode, verdict) => {
    const { end, out, errors } = await main(FAR, { inputs: { mode } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict, reason: 'key', unreachable: '["far-1","far-2"]', untouched: '[]' })
    expect(errors.join('\n')).toContain('ssh-private-key')
  })

  test('a plan that was to ask hosts names them as unreachable, and is red', async () => {
    const { end, out, errors } = await main(FAR, { inputs: { mode: 'plan' } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'key', unreachable: '["far-1","far-2"]' })
    expect(errors.join('\n')).toContain('ssh-private-key')
  })

  test('a key that nobody can read is no fault of the file', async () => {
    const { end, out, errors } = await main(FAR, { inputs: { 'ssh-private-key': 'no key at all' } })
    expect(end.exitCode).toBe(1)
    expect(out).toMatchObject({ verdict: 'refused', reason: 'key', unreachable: '["far-1","far-2"]' })
    expect(errors.join('\n')).toContain('not a private key')
  })
})
