import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { ConfigError, ConnectError, HostKeyError } from '../../../src/errors'
import { Dialers, type ReachableHost } from '../../../src/host/dialer'
import type { RetryPolicy } from '../../../src/host/retry'
import { type FaultProxy, startFaultProxy } from '../fault-proxy'
import { noSshd, type Sshd, startSshd } from '../sshd'
import { failure, hostAt, never, run } from './reach'

describe.skipIf(noSshd() !== null)('hosts behind a jump host', () => {
  let bastion: Sshd
  let inner: Sshd
  let proxy: FaultProxy
  beforeAll(async () => {
    bastion = await startSshd()
    inner = await startSshd({ authorized: [bastion.clientKey.publicKey] })
    proxy = await startFaultProxy(bastion.port)
  })
  afterAll(async () => {
    await proxy.close()
    await inner.stop()
    await bastion.stop()
  })

  const fleet = (inside: Partial<ReachableHost> = {}, outside: Partial<ReachableHost> = {}) =>
    new Map(
      [
        hostAt(bastion, { name: 'bastion', port: proxy.port, hostKey: [bastion.fingerprint], ...outside }),
        hostAt(inner, { name: 'web-1', jump: 'bastion', hostKey: [inner.fingerprint], ...inside }),
        hostAt(inner, { name: 'web-2', jump: 'bastion', hostKey: [inner.fingerprint] }),
      ].map((host) => [host.name, host]),
    )
  const dialers = (retry: Partial<RetryPolicy> = { attempts: 1 }) =>
    new Dialers({
      credentials: { privateKey: bastion.clientKey.privateKey },
      knownHosts: '',
      clock: systemClock,
      retry,
    })
  const dial = (hosts: ReadonlyMap<string, ReachableHost>, name: string, from = dialers()) => {
    const host = hosts.get(name)
    if (host === undefined) throw new Error(name)
    return from.for(host, hosts)
  }

  it('are reached through it, both keys verified', async () => {
    await using transport = await dial(fleet(), 'web-1').connect(never)
    expect((await run(transport, 'echo $SSH_CONNECTION')).stdout).toContain(` ${inner.port}\n`)
  })

  it('are refused when the key of the jump host is not the known one', async () => {
    const error = await failure(dial(fleet({}, { hostKey: [inner.fingerprint] }), 'web-1').connect(never))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('bastion')
  })

  it('H37: never try a jump host again whose key was refused', async () => {
    const before = proxy.accepted()
    const patient = dialers({ attempts: 5, pauseMs: 10 })
    await failure(dial(fleet({}, { hostKey: [inner.fingerprint] }), 'web-1', patient).connect(never))
    // The second looks for a key of another type that is pinned; there is none.
    expect(proxy.accepted() - before).toBeLessThanOrEqual(2)
  })

  it('are refused when their own key is not the known one', async () => {
    const error = await failure(dial(fleet({ hostKey: [bastion.fingerprint] }), 'web-1').connect(never))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('web-1')
  })

  it('share one connection to it, which ends with the last of them', async () => {
    const before = proxy.accepted()
    const shared = dialers()
    const first = await dial(fleet(), 'web-1', shared).connect(never)
    const second = await dial(fleet(), 'web-2', shared).connect(never)
    expect(proxy.accepted() - before).toBe(1)
    await first[Symbol.asyncDispose]()
    expect((await run(second, 'true')).exit).toBe(0)
    await second[Symbol.asyncDispose]()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await using third = await dial(fleet(), 'web-1', shared).connect(never)
    expect((await run(third, 'true')).exit).toBe(0)
    expect(proxy.accepted() - before).toBe(2)
  })

  it('are lost with it, and reached again over a new connection', async () => {
    const shared = dialers()
    const dialer = dial(fleet(), 'web-1', shared)
    await using transport = await dialer.connect(never)
    const channel = await transport.exec('sleep 30')
    proxy.cut()
    expect(await channel.exit).toBeNull()
    await transport.closed
    await using again = await dialer.connect(never)
    expect((await run(again, 'true')).exit).toBe(0)
  })

  it('are unreachable when the jump host cannot reach them', async () => {
    const error = await failure(dial(fleet({ port: 1 }), 'web-1').connect(never))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.message).toContain('bastion')
  })

  it('may be two jumps away', async () => {
    const hosts = new Map([
      ...fleet(),
      ['far', hostAt(inner, { name: 'far', jump: 'web-1', hostKey: [inner.fingerprint] })],
    ])
    await using transport = await dial(hosts, 'far').connect(never)
    expect((await run(transport, 'echo far')).stdout).toBe('far\n')
  })

  it('are refused when jump hosts lead in a circle', () => {
    expect(() => dial(fleet({}, { jump: 'web-1' }), 'web-1')).toThrow(ConfigError)
  })
})
