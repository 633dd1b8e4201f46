import { expect, it } from 'vitest'
import { childEnv } from '../../../src/host/child-env'

it('H3: a child inherits PATH, HOME, LANG and TMPDIR, nothing else', () => {
  const runner = {
    PATH: '/bin',
    HOME: '/home/r',
    LANG: 'C',
    TMPDIR: '/t',
    GITHUB_TOKEN: 'x',
    'INPUT_SSH-PRIVATE-KEY': 'x',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x',
    SSH_AUTH_SOCK: 'x',
    PITSTOP_HOST: 'x',
  }
  expect(childEnv(runner)).toEqual({ PATH: '/bin', HOME: '/home/r', LANG: 'C', TMPDIR: '/t' })
})

it('H8: a child does not carry the tracking variable of the runner', () => {
  expect(childEnv({ PATH: '/bin', RUNNER_TRACKING_ID: 'github_1' })).toEqual({ PATH: '/bin' })
})

it('what the caller adds is there', () => {
  expect(childEnv({ PATH: '/bin' }, { PITSTOP_STAGE: 'drain' })).toEqual({ PATH: '/bin', PITSTOP_STAGE: 'drain' })
})

it('a child has a PATH even where the runner has none', () => {
  expect(childEnv({}).PATH).toContain('/usr/bin')
})
