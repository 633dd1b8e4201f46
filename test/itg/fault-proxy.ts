import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback that can be slow, silent or gone: a network that fails on demand. */
export interface FaultProxy {
  readonly port: number
  /** Connections accepted so far. */
  accepted(): number
  /** Bytes that went from the server to the client. */
  receivedBytes(): number
  /** Resets every connection; new ones are still accepted. */
  cut(): void
  /** Passes nothing on, and answers nothing, until switched off. */
  blackhole(isOn: boolean): void
  /** Holds every byte back for so long, in each direction. */
  delay(ms: number): void
  /** The next connections are closed before a byte is sent, as sshd does for MaxStartups and penalties. */
  dropNext(count: number): void
  close(): Promise<void>
}

export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>()
  const state = { isBlack: false, delayMs: 0, drop: 0, accepted: 0, receivedBytes: 0 }
  const pass = (from: Socket, to: Socket, count: (bytes: number) => void) => {
    from.on('data', (chunk: Buffer) => {
      if (state.isBlack) return
      count(chunk.length)
      const write = () => {
        if (!to.write(chunk)) from.pause()
      }
      if (state.delayMs > 0) setTimeout(write, state.delayMs)
      else write()
    })
    to.on('drain', () => from.resume())
    from.on('error', () => to.destroy())
    from.on('close', () => {
      sockets.delete(from)
      if (!state.isBlack) to.destroy()
    })
    from.on('end', () => {
      if (!state.isBlack) setTimeout(() => to.end(), state.delayMs)
    })
  }
  const server = createServer({ noDelay: true }, (client) => {
    state.accepted += 1
    client.on('error', () => {})
    if (state.drop > 0) {
      state.drop -= 1
      client.resume().end()
      return
    }
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true })
    sockets.add(client).add(upstream)
    pass(client, upstream, () => {})
    pass(upstream, client, (bytes) => {
      state.receivedBytes += bytes
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
    sockets.clear()
  }
  return {
    port: address.port,
    accepted: () => state.accepted,
    receivedBytes: () => state.receivedBytes,
    cut,
    blackhole: (isOn) => {
      state.isBlack = isOn
    },
    delay: (ms) => {
      state.delayMs = ms
    },
    dropNext: (count) => {
      state.drop = count
    },
    close: async () => {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
