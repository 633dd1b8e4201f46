import { expect, test } from 'vitest'
import { pullRequestOf } from '../../../../src/announce/pull-request/pull-request'

const sha = 'b'.repeat(40)
const payload = (head: string | null, base = 'acme/ops') => ({
  pull_request: {
    number: 7,
    base: { sha, repo: { full_name: base } },
    head: { repo: head === null ? null : { full_name: head } },
  },
})

test('a pull request from a branch of the repository is no fork', () => {
  expect(pullRequestOf(payload('acme/ops'))).toEqual({
    owner: 'acme',
    repo: 'ops',
    number: 7,
    baseSha: sha,
    isFork: false,
  })
})

test.each(['mallory/ops', null])('H13: a pull request from %s is a fork', (head) => {
  expect(pullRequestOf(payload(head))?.isFork).toBe(true)
})

test.each([{}, null, 'x', { pull_request: null }, payload('a/b', 'no-slash'), payload('a/b', 'a/b/c')])(
  '%j is no pull request',
  (value) => expect(pullRequestOf(value)).toBeNull(),
)
