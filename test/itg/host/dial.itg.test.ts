import { execFileSync } from 'node:child_process'
import { Agent, createServer as createHttpServer, get } from 'node:http'
import { createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectError } from '../../../src/errors'
import type { Transport } from '../../../src/host/remote'
import { freePort, noSshd, type Sshd, startSshd } from '../sshd'
import { connectTo, failure } from './reach'

/** A PATH with these tools and the basics only. */
function pathWith(folder: string, tools: readonly string[]): string {
  const bin = `${folder}/bin-${tools.join('-') || 'none'}`
  execFileSync('mkdir', ['-p', bin])
  for (const tool of ['sh', 'cat', 'sleep', 'grep', 'kill', ...tools]) {
    const found = execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim()
    if (found.startsWith('/')) execFileSync('ln', ['-sf', found, `${bin}/${tool}`])
  }
  return bin
}

function has(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`])
    return true
  } catch {
    return false
  }
}

async function greet(transport: Transport, port: number): Promise<string> {
  const agent = new Agent({ keepAlive: true })
  const sockets: Duplex[] = []
  Object.assign(agent, {
    createConnection: (_: unknown, done: (error: Error | null, socket?: Duplex) => void) => {
      transport.dial('127.0.0.1', port).then((socket) => {
        sockets.push(socket)
        done(null, socket)
      }, done)
    },
  })
  const body = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent, path: '/who' }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve(`${response.statusCode} ${text}`))
    }).on('error', reject)
  })
  agent.destroy()
  for (const socket of sockets) socket.destroy()
  return body
}

describe.skipIf(noSshd() !== null)('connections from the point of view of the host', () => {
  const http = createHttpServer((request, response) => response.end(`hello ${request.url}`))
  let httpPort = 0
  let echo: Server
  let echoPort = 0
  let closedPort = 0
  let open: Sshd
  beforeAll(async () => {
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    httpPort = portOf(http)
    echo = createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}).pipe(socket))
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
    echoPort = portOf(echo)
    closedPort = await freePort()
    open = await startSshd()
  })
  afterAll(async () => {
    await open.stop()
    http.close()
    echo.close()
  })

  it('reaches a service of the host through the connection', async () => {
    await using transport = await connectTo(open)
    expect(await greet(transport, httpPort)).toBe('200 hello /who')
  })

  it('reports a refused connection as an error', async () => {
    await using transport = await connectTo(open)
    const error = await failure(transport.dial('127.0.0.1', closedPort))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.message).toContain(`127.0.0.1:${closedPort} cannot be reached from web-1`)
  })

  it('is not limited to four connections', async () => {
    await using transport = await connectTo(open)
    const sockets = await Promise.all(Array.from({ length: 10 }, () => transport.dial('127.0.0.1', echoPort)))
    expect(sockets).toHaveLength(10)
    for (const socket of sockets) socket.destroy()
  })

  it('tells of an idle connection, as a socket does', async () => {
    await using transport = await connectTo(open)
    const socket = (await transport.dial('127.0.0.1', echoPort)) as Duplex & {
      setTimeout(ms: number, cb: () => void): void
    }
    const from = performance.now()
    await new Promise<void>((resolve) => socket.setTimeout(100, resolve))
    expect(performance.now() - from).toBeGreaterThan(90)
    socket.destroy()
  })

  describe.each(['bash', 'busybox', 'socat', 'nc'])('where sshd forbids forwarding and the host has %s', (tool) => {
    let sshd: Sshd
    beforeAll(async () => {
      sshd = await startSshd({ config: ['AllowTcpForwarding no'] })
      if (has(tool)) {
        await sshd.stop()
        const bin = pathWith(open.folder, [tool])
        // A login shell that is not among the tools: what is tested must not be there by accident.
        sshd = await startSshd({
          config: ['AllowTcpForwarding no', `ForceCommand PATH=${bin} exec ${bin}/sh -c "$SSH_ORIGINAL_COMMAND"`],
        })
      }
    })
    afterAll(() => sshd.stop())

    it.skipIf(!has(tool))('reaches a service of the host by a command', async () => {
      await using transport = await connectTo(sshd)
      expect(await greet(transport, httpPort)).toBe('200 hello /who')
    })

    it.skipIf(!has(tool))('never takes a closed port for an open one', async () => {
      await using transport = await connectTo(sshd)
      expect(await failure(transport.dial('127.0.0.1', closedPort))).toBeInstanceOf(ConnectError)
    })

    it.skipIf(!has(tool))('carries 5 MB there and back, then ends', async () => {
      await using transport = await connectTo(sshd)
      const socket = await transport.dial('127.0.0.1', echoPort)
      const sent = Buffer.alloc(5_000_000, 'abcdefghij')
      const received: Buffer[] = []
      let bytes = 0
      socket.write(sent)
      for await (const chunk of socket) {
        received.push(chunk as Buffer)
        bytes += (chunk as Buffer).length
        if (bytes >= sent.length) break
      }
      expect(Buffer.concat(received).equals(sent)).toBe(true)
    })
  })

  it('says what is missing where sshd forbids forwarding and the host has no tool', async () => {
    const bin = pathWith(open.folder, [])
    const force = `ForceCommand PATH=${bin} exec ${bin}/sh -c "$SSH_ORIGINAL_COMMAND"`
    const sshd = await startSshd({ config: ['AllowTcpForwarding no', force] })
    await using transport = await connectTo(sshd)
    const error = await failure(transport.dial('127.0.0.1', httpPort))
    expect(error).toBeInstanceOf(ConnectError)
    expect((error as ConnectError).hint).toContain('AllowTcpForwarding')
    await sshd.stop()
  })

  describe.each(['fish', 'tcsh', 'busybox sh', 'dash', 'bash'])('with the login shell %s', (shell) => {
    it.skipIf(!has(shell.split(' ')[0] ?? ''))('finds the way around forbidden forwarding too', async () => {
      const sshd = await startSshd({ config: ['AllowTcpForwarding no'], loginShell: shell })
      await using transport = await connectTo(sshd)
      expect(await greet(transport, httpPort)).toBe('200 hello /who')
      await sshd.stop()
    })
  })
})

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
