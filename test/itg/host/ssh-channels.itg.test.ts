import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectError } from '../../../src/errors'
import { type FaultProxy, startFaultProxy } from '../fault-proxy'
import { noSshd, type Sshd, startSshd } from '../sshd'
import { connectTo, dialerTo, failure, never, run, textOf } from './reach'

describe.skipIf(noSshd() !== null)('commands over ssh', () => {
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
  const throughProxy = () =>
    connectTo(sshd, {
      host: { port: proxy.port, hostKey: [sshd.fingerprint] },
      settings: { keepaliveMs: 1_000, keepaliveTries: 2 },
    })

  it('carries all bytes of a stream unchanged, in both directions', async () => {
    await using transport = await connectTo(sshd)
    const all = Buffer.from(Array.from({ length: 256 * 1024 }, (_, i) => i % 256))
    const channel = await transport.exec('cat')
    channel.stdin.end(all)
    const chunks: Uint8Array[] = []
    for await (const chunk of channel.stdout) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(all)).toBe(true)
    expect(await channel.exit).toBe(0)
  })

  it('ends a closed channel at once, also when the server is silent', async () => {
    await using transport = await throughProxy()
    const channel = await transport.exec('sleep 30')
    proxy.blackhole(true)
    channel.close()
    const from = performance.now()
    expect(await textOf(channel.stdout)).toBe('')
    expect(await channel.exit).toBeNull()
    expect(performance.now() - from).toBeLessThan(200)
    proxy.blackhole(false)
  })

  it('ends a write to a command that does not read with an error, not with a wait for ever', async () => {
    await using transport = await throughProxy()
    const channel = await transport.exec('sleep 30')
    const written = new Promise((resolve) => channel.stdin.write(Buffer.alloc(16 * 1024 * 1024), resolve))
    setTimeout(() => proxy.cut(), 300)
    expect(await written).toBeInstanceOf(Error)
  })

  it('opens at most four channels of a connection, and gives the next command the first free one', async () => {
    await using transport = await connectTo(sshd)
    const channels = await Promise.all([1, 2, 3, 4].map(() => transport.exec('cat')))
    let hasFifth = false
    const fifth = transport.exec('echo five').then((channel) => {
      hasFifth = true
      return channel
    })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(hasFifth).toBe(false)
    channels[2]?.stdin.end()
    await textOf(channels[2]?.stdout ?? fail())
    expect(await textOf((await fifth).stdout)).toBe('five\n')
    for (const channel of channels) channel.close()
  })

  it('waits where sshd allows fewer sessions than four', async () => {
    const narrow = await startSshd({ config: ['MaxSessions 2'] })
    await using transport = await connectTo(narrow)
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => run(transport, `sleep 0.1; echo ${n}`)))
    expect(results.map((r) => [r.stdout.trim(), r.exit])).toEqual([1, 2, 3, 4, 5, 6].map((n) => [String(n), 0]))
    await narrow.stop()
  })

  it('leaves output on the host that nobody reads', async () => {
    await using transport = await throughProxy()
    const before = proxy.receivedBytes()
    const channel = await transport.exec('head -c 200000000 /dev/zero')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(proxy.receivedBytes() - before).toBeLessThan(8 * 2 ** 20)
    channel.close()
  })

  it('answers a short command within milliseconds: Nagle is off', async () => {
    await using transport = await connectTo(sshd)
    const times: number[] = []
    for (let i = 0; i < 20; i++) {
      const from = performance.now()
      await run(transport, 'true', 'x')
      times.push(performance.now() - from)
    }
    // Nagle's algorithm against delayed acknowledgements costs 40 ms or more, every time.
    expect(Math.min(...times)).toBeLessThan(30)
  })

  it('H37: tries again after handshakes that sshd dropped', async () => {
    proxy.dropNext(2)
    const before = proxy.accepted()
    const retry = { attempts: 4, pauseMs: 20, lostBeforeHandshakeMs: 100 }
    const host = { port: proxy.port, hostKey: [sshd.fingerprint] }
    const from = performance.now()
    await using transport = await connectTo(sshd, { host, retry })
    expect((await run(transport, 'true')).exit).toBe(0)
    expect(proxy.accepted() - before).toBe(3)
    expect(performance.now() - from).toBeGreaterThan(200)
  })

  it('H37: spares an sshd that hung up, also when every connect is one attempt', async () => {
    const dialer = dialerTo(sshd, {
      host: { port: proxy.port, hostKey: [sshd.fingerprint] },
      retry: { attempts: 1, lostBeforeHandshakeMs: 400 },
    })
    proxy.dropNext(1)
    await failure(dialer.connect(never))
    const from = performance.now()
    await using transport = await dialer.connect(never)
    expect((await run(transport, 'true')).exit).toBe(0)
    expect(performance.now() - from).toBeGreaterThan(350)
  })

  it('H37: logs in to a server that drops most parallel logins', async () => {
    const busy = await startSshd({ config: ['MaxStartups 1:70:3'] })
    const retry = { attempts: 20, pauseMs: 50, lostBeforeHandshakeMs: 100 }
    const transports = await Promise.all(Array.from({ length: 6 }, () => connectTo(busy, { retry })))
    const results = await Promise.all(transports.map((t) => run(t, 'true')))
    expect(results.map((r) => r.exit)).toEqual([0, 0, 0, 0, 0, 0])
    await Promise.all(transports.map((t) => t[Symbol.asyncDispose]()))
    await busy.stop()
  })

  it('gives up a login that takes too long', async () => {
    proxy.blackhole(true)
    const from = performance.now()
    const host = { port: proxy.port, hostKey: [sshd.fingerprint] }
    const error = await failure(connectTo(sshd, { host, settings: { handshakeMs: 300 } }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(performance.now() - from).toBeLessThan(1_500)
    proxy.blackhole(false)
    proxy.cut()
  })

  it('stops connecting when it is told to', async () => {
    proxy.blackhole(true)
    const stop = new AbortController()
    const host = { port: proxy.port, hostKey: [sshd.fingerprint] }
    const connecting = dialerTo(sshd, { host }).connect(stop.signal)
    setTimeout(() => stop.abort(new Error('cancelled')), 100)
    expect((await failure(connecting)).message).toBe('cancelled')
    proxy.blackhole(false)
    proxy.cut()
  })
})

function fail(): never {
  throw new Error('no channel')
}
