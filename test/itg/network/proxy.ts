import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { listening } from '../checks/servers'

/** A proxy on loopback that brings every name to one port of this machine, and keeps what it was asked for. */
export async function proxyTo(port: number, answer = 200) {
  const asked: { readonly to: string; readonly authorization: string | undefined }[] = []
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, client: Socket) => {
    asked.push({ to: request.url ?? '', authorization: request.headers['proxy-authorization'] })
    if (answer !== 200) {
      client.end(`HTTP/1.1 ${answer} No\r\n\r\n`)
      return
    }
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      target.pipe(client).pipe(target)
    })
    const cut = () => {
      target.destroy()
      client.destroy()
    }
    target.on('error', cut)
    client.on('error', cut)
  })
  const open = await listening(server)
  return {
    asked,
    url: (user = '') => `http://${user}127.0.0.1:${open.port}`,
    [Symbol.asyncDispose]: open[Symbol.asyncDispose],
  }
}
