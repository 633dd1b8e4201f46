import { tmpdir } from 'node:os'
import ssh2, { type ServerChannel, type Session } from 'ssh2'
import { describe, expect, it, onTestFinished } from 'vitest'
import { newKeyPair } from '../../../src/demo/key-pair'
import { systemClock } from '../../../src/engine/clock'
import { createDialer } from '../../../src/host/dialer'
import { RogueHost, type RogueOptions } from '../../hostile/rogue-host'
import { failure, never } from './reach'

const MEGABYTE = 2 ** 20

async function rogue(options: Partial<RogueOptions>) {
  const key = newKeyPair('runner')
  const allowed = ssh2.utils.parseKey(key.private)
  if (allowed instanceof Error) throw allowed
  const ids = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const host = await RogueHost.start({ home: tmpdir(), path: '/bin', ids, allowed, ...options })
  onTestFinished(() => host[Symbol.asyncDispose]())
  const connect = () =>
    createDialer({
      host: {
        name: 'web-1',
        address: '127.0.0.1',
        port: host.port,
        user: 'maint',
        transport: 'ssh',
        jump: null,
        hostKey: [],
      },
      credentials: { privateKey: key.private },
      knownHosts: host.knownHosts,
      clock: systemClock,
      retry: { attempts: 1 },
      settings: { handshakeMs: 3_000 },
    }).connect(never)
  return { host, connect }
}

/** The server's own way to a channel, which heeds no window. */
interface Raw {
  readonly outgoing: { readonly id: number }
  readonly _client: { readonly _protocol: { channelData(id: number, bytes: Buffer): void } }
}

const onExec = (act: (channel: ServerChannel) => void) => (session: Session) => {
  session.on('exec', (accept) => act(accept()))
}

describe('H40: an SSH server that does not keep to the protocol', () => {
  it('is cut off where it sends more than the window that it was given', async () => {
    const { connect } = await rogue({
      onSession: onExec((channel) => {
        const raw = channel as unknown as Raw
        const chunk = Buffer.alloc(32_000, 'x')
        let sent = 0
        const more = setInterval(() => {
          for (let i = 0; i < 50; i++) raw._client._protocol.channelData(raw.outgoing.id, chunk)
          sent += 50 * chunk.length
          if (sent > 400 * MEGABYTE) clearInterval(more)
        }, 5)
        onTestFinished(() => clearInterval(more))
        channel.on('error', () => undefined)
      }),
    })
    await using transport = await connect()
    // Nobody reads what it says.
    await transport.exec('true')
    expect(await transport.closed).toContain('more than the window of a channel allows')
    expect(process.memoryUsage().rss).toBeLessThan(600 * MEGABYTE)
  })

  it('is refused where it speaks only compressed', async () => {
    const { connect } = await rogue({ algorithms: { compress: ['zlib@openssh.com'] } })
    expect((await failure(connect())).message).toContain('no SSH connection')
  })

  it.each([
    ['says its version a byte at a time', 'S'],
    ['says one line after the other before its version', 'hello\r\n'],
  ])('is given up in time where it %s', async (_, piece) => {
    const { connect } = await rogue({
      onSocket: (socket) => {
        const trickle = setInterval(() => socket.write(piece), 100)
        socket.once('close', () => clearInterval(trickle)).on('error', () => undefined)
      },
    })
    const began = performance.now()
    expect((await failure(connect())).message).toContain('no complete login within 3 s')
    expect(performance.now() - began).toBeLessThan(20_000)
  })

  it('is given up in time where it never says whether the key is taken', async () => {
    const { connect } = await rogue({ onLogin: () => undefined })
    expect((await failure(connect())).message).toContain('no complete login within 3 s')
  })
})
