import { expect, test } from 'vitest'
import { actionRunId, commandLineRunId, runUrl } from '../../../src/action/run-id'

const env = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/ops',
  GITHUB_RUN_ID: '123',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'maintain',
  GITHUB_ACTION: 'pitstop',
}
const identity = { env, shard: null, choice: ['maintenance.yml', ''] }

test('the same step of the same attempt has the same id, in letters that fit the state file', () => {
  expect(actionRunId(identity)).toBe(actionRunId({ ...identity, env: { ...env, OTHER: 'x' } }))
  expect(actionRunId(identity)).toMatch(/^[0-9a-f]{20}$/)
})

test.each(Object.keys(env))('another %s is another run', (name) => {
  expect(actionRunId({ ...identity, env: { ...env, [name]: '9' } })).not.toBe(actionRunId(identity))
})

test('another shard or another choice of a matrix is another run', () => {
  const ids = [identity, { ...identity, shard: '1/2' }, { ...identity, choice: ['maintenance.yml', 'web-1'] }].map(
    actionRunId,
  )
  expect(new Set(ids).size).toBe(3)
})

test('off a runner there is no action run id', () =>
  expect(() => actionRunId({ ...identity, env: {} })).toThrow('not a GitHub runner'))

test('runs of the command line differ', () => expect(commandLineRunId('a')).not.toBe(commandLineRunId('b')))

test('the address of the run is known on a runner only', () => {
  expect(runUrl(env)).toBe('https://github.com/acme/ops/actions/runs/123')
  expect(runUrl({})).toBeNull()
})
