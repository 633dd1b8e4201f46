import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Github, githubClient } from '../../../src/announce/github'
import { changeAgainstBase } from '../../../src/announce/pull-request/base-file'
import { keepComment } from '../../../src/announce/pull-request/comment'
import { commentBody, commentMarker } from '../../../src/announce/pull-request/comment-body'
import { FakeComments } from '../../fake-github/comments'
import { contentRoutes } from '../../fake-github/contents'
import { FakeGithub } from '../../fake-github/fake-github'
import { ACTIONS_BOT, MALLORY, OCTOCAT, userRoutes } from '../../fake-github/users'

const BASE = 'a'.repeat(40)
const TOKEN = 'ghs_fake_token_of_a_test'
const FILE = 'maintenance.yml'
const request = { owner: 'acme', repo: 'ops', number: 7, baseSha: BASE, isFork: false }

let fake: FakeGithub
let comments: FakeComments
let files: Map<string, string>

beforeEach(async () => {
  comments = new FakeComments(ACTIONS_BOT)
  files = new Map()
  fake = await FakeGithub.start({ ...userRoutes(null), ...comments.routes, ...contentRoutes(files) }, TOKEN)
})
afterEach(async () => {
  const { problems } = fake
  await fake[Symbol.asyncDispose]()
  expect(problems).toEqual([])
})

function client(token = TOKEN): Github {
  const signal = new AbortController().signal
  return githubClient({ token, apiUrl: fake.url, signal, paceMs: 10 })
}
const body = (text: string) => commentBody(FILE, [text], null)
const keep = (text: string, token = TOKEN) => keepComment(client(token), request, FILE, body(text))

test('the first plan makes a comment, the next one updates it in place', async () => {
  expect(await keep('one')).toEqual({ kind: 'written' })
  expect(await keep('two')).toEqual({ kind: 'written' })
  expect(comments.all).toEqual([{ id: 1, user: ACTIONS_BOT, body: body('two') }])
})

test('a plan that says the same writes nothing', async () => {
  await keep('one')
  fake.requests.length = 0
  expect(await keep('one')).toEqual({ kind: 'unchanged' })
  expect(fake.requests.filter(({ route }) => !route.startsWith('GET'))).toEqual([])
})

test('H13: a comment of somebody else that carries our marker is left alone, and is not ours', async () => {
  comments.add(MALLORY, body('forged'))
  await keep('real')
  await keep('real again')
  expect(comments.all.map(({ user, body }) => [user.login, body])).toEqual([
    ['mallory', body('forged')],
    ['github-actions[bot]', body('real again')],
  ])
})

test('a marker inside the text of a comment does not make it ours', async () => {
  comments.add(ACTIONS_BOT, `quoted: ${commentMarker(FILE)}`)
  await keep('real')
  expect(comments.all).toHaveLength(2)
})

test('comments on two maintenance files stay two', async () => {
  await keep('one')
  await keepComment(client(), request, 'other.yml', commentBody('other.yml', ['two'], null))
  expect(comments.all).toHaveLength(2)
})

test('our comment is found behind a hundred others', async () => {
  for (let i = 0; i < 150; i++) comments.add(OCTOCAT, `talk ${i}`)
  await keep('one')
  await keep('two')
  expect(comments.all).toHaveLength(151)
})

test('the token of a person updates the comment of that person', async () => {
  const own = new FakeComments(OCTOCAT)
  await using other = await FakeGithub.start({ ...userRoutes(OCTOCAT), ...own.routes }, TOKEN)
  const github = githubClient({
    token: TOKEN,
    apiUrl: other.url,
    signal: new AbortController().signal,
  })
  own.add(ACTIONS_BOT, body('of a job'))
  own.add(OCTOCAT, body('one'))
  await keepComment(github, request, FILE, body('two'))
  expect(own.all.map((c) => c.body)).toEqual([body('of a job'), body('two')])
})

test('an app that cannot ask who it is still has one comment only', async () => {
  const app = { login: 'pitstop-of-acme[bot]', id: 99 }
  const own = new FakeComments(app)
  await using other = await FakeGithub.start({ ...userRoutes(null), ...own.routes }, TOKEN)
  const github = githubClient({
    token: TOKEN,
    apiUrl: other.url,
    signal: new AbortController().signal,
    paceMs: 10,
  })
  await keepComment(github, request, FILE, body('one'))
  await keepComment(github, request, FILE, body('two'))
  expect(own.all.map((c) => c.body)).toEqual([body('two')])
})

test('a token that may not write is told from a GitHub in trouble', async () => {
  fake.trouble = ({ route }) =>
    route.startsWith('POST') ? { status: 403, body: { message: 'Resource not accessible by integration' } } : null
  expect(await keep('one')).toMatchObject({ kind: 'refused', why: expect.stringContaining('403') })
})

test.each([401, 422])('after %i nothing is tried again, and the reason is ours', async (status) => {
  fake.trouble = () => ({ status, body: { message: '::error::<img>' } })
  const result = await keep('one')
  expect(result).toMatchObject({ kind: 'failed' })
  expect(JSON.stringify(result)).not.toContain('img')
  expect(fake.requests).toHaveLength(1)
})

test('a 502 that passes is tried again', async () => {
  fake.trouble = (_, count) => (count === 1 ? { status: 502, body: {} } : null)
  expect(await keep('one')).toEqual({ kind: 'written' })
  expect(comments.all).toHaveLength(1)
})

test('a connection that breaks is tried again, and given up in the end', async () => {
  fake.trouble = () => 'drop'
  expect(await keep('one')).toMatchObject({ kind: 'failed', why: expect.stringContaining('could not be reached') })
  expect(fake.requests).toHaveLength(3)
})

test('a 429 is waited for as long as it asks', async () => {
  fake.trouble = (_, count) => (count === 1 ? { status: 429, body: {}, headers: { 'retry-after': '1' } } : null)
  expect(await keep('one')).toEqual({ kind: 'written' })
})

test('what a pull request changes is read from its base commit', async () => {
  files.set(`${BASE}:${FILE}`, 'version: 1\nhosts:\n  web-1: { address: 192.0.2.1 }\n')
  const head = Buffer.from('version: 1\nhosts:\n  web-1: { address: 192.0.2.66 }\n  web-2: { address: 192.0.2.2 }\n')
  expect(await changeAgainstBase(client(), request, { path: FILE, head, workspace: '/nowhere' })).toMatchObject({
    known: true,
    change: {
      hostsAdded: ['web-2'],
      hostsChanged: [{ name: 'web-1', changes: [{ path: 'address', from: '192.0.2.1', to: '192.0.2.66' }] }],
    },
  })
})

test('a file that the base does not have, and one that cannot be read, are not taken for unchanged', async () => {
  const head = Buffer.from('version: 1\n')
  expect(await changeAgainstBase(client(), request, { path: FILE, head, workspace: '/nowhere' })).toMatchObject({
    known: false,
  })
  files.set(`${BASE}:${FILE}`, 'a: &x 1\nb: *x\n')
  expect(await changeAgainstBase(client(), request, { path: FILE, head, workspace: '/nowhere' })).toMatchObject({
    known: false,
  })
})

test('a GitHub that does not answer is given up when the run ends', async () => {
  fake.trouble = () => 'hang'
  const github = githubClient({
    token: TOKEN,
    apiUrl: fake.url,
    signal: AbortSignal.timeout(200),
    paceMs: 1,
  })
  expect(await keepComment(github, request, FILE, body('one'))).toMatchObject({ kind: 'failed' })
})
