import { describe, expect, it } from 'vitest'
import { ConnectError, HostKeyError, LoginRefused } from '../../../src/errors'
import { AttemptFailed, classify } from '../../../src/host/login-failure'

const context = {
  known: { name: 'web-1', address: '192.0.2.11', port: 22, pins: [], lines: [] },
  user: 'maint',
  offered: 'the private key',
  handshakeMs: 20_000,
  sawHandshake: false,
}
const error = (fields: { level?: string; code?: string }, text = 'x') => Object.assign(new Error(text), fields)

describe('a failed attempt to log in', () => {
  it.each([
    [{ level: 'client-socket', code: 'ECONNREFUSED' }, 'refused'],
    [{ level: 'client-socket', code: 'ECONNRESET' }, 'dropped'],
    [{ code: 'EHOSTUNREACH' }, 'refused'],
    [{ code: 'EAI_AGAIN' }, 'refused'],
    [{ code: 'ENOTFOUND' }, 'final'],
    [{ code: 'ETIMEDOUT' }, 'dropped'],
    [{ level: 'client-timeout' }, 'timeout'],
    [{ level: 'handshake' }, 'final'],
    [{ level: 'protocol' }, 'lost-before-handshake'],
    [{ level: 'client-authentication' }, 'final'],
    [{ level: 'agent' }, 'final'],
    [{}, 'dropped'],
  ] as const)('with %j is %s', (fields, why) => {
    const failure = classify(error(fields), context)
    expect(failure.why).toBe(why)
    expect(failure.error).toBeInstanceOf(ConnectError)
  })

  it('is judged by type, never by what the message says', () => {
    expect(classify(error({}, 'All configured authentication methods failed'), context).why).toBe('dropped')
    expect(classify(error({ level: 'client-authentication' }, 'timeout'), context).error).toBeInstanceOf(LoginRefused)
  })

  it('after the key exchange is no longer lost before the handshake', () => {
    expect(classify(error({ level: 'protocol' }), { ...context, sawHandshake: true }).why).toBe('dropped')
  })

  it('that was judged already stays what it is', () => {
    const refused = new AttemptFailed('final', new HostKeyError('bastion: unknown key'))
    expect(classify(refused, context)).toBe(refused)
  })

  it('that cannot be read is no refused login, and is tried again', () => {
    expect(classify('strange', context).why).toBe('dropped')
    expect(classify(undefined, context).error).not.toBeInstanceOf(LoginRefused)
  })
})
