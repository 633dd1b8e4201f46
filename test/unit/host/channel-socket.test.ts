import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ChannelSocket } from '../../../src/host/channel-socket'

function pair() {
  const from = new PassThrough()
  const to = new PassThrough()
  let closed = 0
  const socket = new ChannelSocket(from, to, () => {
    closed += 1
  })
  return { from, to, socket, closed: () => closed }
}

describe('a channel as a socket', () => {
  it('ends for the reader when the channel ends, and ends its own half', async () => {
    const { from, to, socket } = pair()
    from.end('bye')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('bye')
    expect(to.writableEnded).toBe(true)
  })

  it('ends for the reader when the connection is lost without an end', async () => {
    const { from, socket } = pair()
    from.write('half')
    setImmediate(() => from.destroy())
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toBe('half')
  })

  it('holds the sender back when nobody reads', async () => {
    const { from, socket } = pair()
    let taken = 0
    while (from.write(Buffer.alloc(16_384)) && taken < 1_000) {
      taken += 1
      await new Promise((resolve) => setImmediate(resolve))
    }
    // 16 KiB each: what the streams in between hold, not the 16 MB that were on offer.
    expect(taken).toBeLessThan(50)
    socket.destroy()
  })

  it('ends a write that waits for room when the channel closes', async () => {
    const { to, socket } = pair()
    const written = new Promise((resolve) => socket.write(Buffer.alloc(1_000_000), resolve))
    setImmediate(() => to.destroy())
    expect(await written).toBeInstanceOf(Error)
  })

  it('closes the channel once when it is destroyed', async () => {
    const { socket, closed } = pair()
    socket.destroy()
    socket.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    expect(closed()).toBe(1)
  })

  it('tells of an idle time only while nothing passes', async () => {
    const { from, socket } = pair()
    let timeouts = 0
    socket.setTimeout(60, () => {
      timeouts += 1
    })
    socket.resume()
    for (let i = 0; i < 4; i++) {
      from.write('x')
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    expect(timeouts).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 120))
    expect(timeouts).toBe(1)
    socket.destroy()
  })
})
