import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectError } from '../../../src/errors'
import { type FaultProxy, startFaultProxy } from '../fault-proxy'
import { noSshd, type Sshd, startSshd } from '../sshd'
import { connectTo, failure, run, textOf } from './reach'

describe.skipIf(noSshd() !== null).each(['ssh', 'openssh'] as const)('a connection by %s', (transportName) => {
  let sshd: Sshd
  let proxy: FaultProxy
  beforeAll(async () => {
    sshd = await startSshd()
    proxy = await startFaultProxy(sshd.port)
  })
  afterAll(async () => {
    await proxy.close()
    await sshd.stop()
  })
  const direct = () => connectTo(sshd, { host: { transport: transportName } })
  const throughProxy = () =>
    connectTo(sshd, {
      host: { transport: transportName, port: proxy.port, hostKey: [sshd.fingerprint] },
      knownHosts: '',
      settings: { keepaliveMs: 1_000, keepaliveTries: 2 },
    })

  it('knows no exit code of a command that a signal ended', async () => {
    await using transport = await direct()
    expect((await run(transport, 'kill -9 $$')).exit).toBeNull()
  })

  it('knows no exit code when it is cut in the middle of a command, and says that it is gone', async () => {
    await using transport = await throughProxy()
    const channel = await transport.exec('echo begun; sleep 30')
    const reading = textOf(channel.stdout)
    setTimeout(() => proxy.cut(), 400)
    expect(await reading).toBe('begun\n')
    expect(await channel.exit).toBeNull()
    expect(await transport.closed).not.toBe('')
    expect(await failure(transport.exec('true'))).toBeInstanceOf(ConnectError)
  })

  it('knows no exit code when the command ended but its output did not come to an end', async () => {
    await using transport = await throughProxy()
    // The exit status is sent as soon as the shell ends; its child keeps the output open.
    const channel = await transport.exec('echo begun; (sleep 30; echo late) & exit 0')
    const reading = textOf(channel.stdout)
    setTimeout(() => proxy.cut(), 600)
    expect(await reading).toBe('begun\n')
    expect(await channel.exit).toBeNull()
  })

  it('notices a silent network by its own keepalive', async () => {
    await using transport = await throughProxy()
    const channel = await transport.exec('sleep 300')
    proxy.blackhole(true)
    expect(await channel.exit).toBeNull()
    await transport.closed
    proxy.blackhole(false)
    proxy.cut()
  })

  it('H40: reads 200 MB with memory that does not grow with them', async () => {
    await using transport = await direct()
    const channel = await transport.exec('head -c 200000000 /dev/zero')
    channel.stdin.end()
    const before = process.memoryUsage.rss()
    let bytes = 0
    let mostRss = 0
    for await (const chunk of channel.stdout) {
      bytes += chunk.length
      mostRss = Math.max(mostRss, process.memoryUsage.rss())
    }
    expect(bytes).toBe(200_000_000)
    expect(await channel.exit).toBe(0)
    expect(mostRss - before).toBeLessThan(100 * 2 ** 20)
  })
})
