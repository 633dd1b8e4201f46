import { describe, expect, it } from 'vitest'
import { login } from '../../../src/checks/login'
import { runProbe } from '../../../src/checks/run'
import { ConnectError, HostKeyError, LoginRefused } from '../../../src/errors'
import { probeContext } from '../../fixtures/probe-context'

async function tryLogin(freshLogin: () => Promise<void>) {
  const context = probeContext()
  return runProbe(login, { ...context, remote: { ...context.remote, freshLogin } })
}

describe('the fresh login', () => {
  it('passes when the host lets us in', async () => {
    expect(await tryLogin(async () => undefined)).toMatchObject({ id: 'builtin:login', outcome: 'pass' })
  })

  it.each([
    ['a refused login', new LoginRefused('the host refused the key'), 'fail'],
    ['another host key', new HostKeyError('the host key changed'), 'fail'],
    ['a connection that broke', new ConnectError('connection lost'), 'unknown'],
    ['a fault of ours', new Error('bug'), 'unknown'],
  ])('%s is no pass', async (_title, error, outcome) => {
    expect((await tryLogin(() => Promise.reject(error))).outcome).toBe(outcome)
  })
})
