import { expect, test } from 'vitest'
import { FakeComments } from './comments'
import { FakeGithub } from './fake-github'
import { ACTIONS_BOT } from './users'

const comments = '/repos/acme/ops/issues/7/comments'

async function ask(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; problems: readonly string[] }> {
  const fakeComments = new FakeComments(ACTIONS_BOT)
  const odd = { 'GET /repos/{owner}/{repo}': () => ({ status: 200, body: { id: 'not a number' } }) }
  await using fake = await FakeGithub.start({ ...fakeComments.routes, ...odd }, 't')
  const sent = body === undefined ? {} : { body: JSON.stringify(body) }
  const answer = await fetch(fake.url + path, { method, headers: { authorization: 'token t' }, ...sent })
  return { status: answer.status, problems: fake.problems }
}

test('a request as GitHub describes it is answered', async () => {
  expect(await ask('POST', comments, { body: 'hello' })).toEqual({ status: 201, problems: [] })
})

test.each([
  ['POST', comments, { text: 'hello' }, 400],
  ['POST', comments, { body: 7 }, 400],
  ['POST', comments, undefined, 400],
  ['GET', `${comments}?per-page=3`, undefined, 400],
  ['PUT', comments, { body: 'x' }, 404],
  ['GET', '/user/repos', undefined, 404],
])('%s %s with %j is refused and noted', async (method, path, body, status) => {
  const end = await ask(method, path, body)
  expect(end).toEqual({ status, problems: [expect.any(String)] })
})

test('an answer that GitHub would not give is noted', async () => {
  expect((await ask('GET', '/repos/acme/ops')).problems).toEqual([expect.stringContaining('answer 200')])
})
