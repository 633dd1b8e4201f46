import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo, Server, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { ConnectError } from '../../../src/errors'

/** Listens on loopback until the test is over. */
export async function listening(server: Server): Promise<{ port: number } & AsyncDisposable> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket.on('error', () => undefined).on('close', () => open.delete(socket)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A server that says `text` to whoever sends something, and does with the connection what the test wants. */
export function raw(answer: (socket: Socket) => void): Server {
  return createServer((socket) => socket.once('data', () => answer(socket)))
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  await using server = await listening(createServer())
  return server.port
}

/**
 * A host whose connections are no sockets, as those of SSH: a Duplex without setNoDelay, ref and the like.
 * `dialled` tells where the probes went.
 */
export function hostNetwork(dialled: string[] = []) {
  return (host: string, port: number): Promise<Duplex> =>
    new Promise((resolve, reject) => {
      dialled.push(`${host}:${port}`)
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('error', (cause) => reject(new ConnectError(`${host}:${port} cannot be reached`, { cause })))
      socket.once('connect', () => resolve(Duplex.from({ readable: socket, writable: socket })))
    })
}

export interface Certificates {
  /** Signed by itself, for localhost. */
  readonly self: { readonly key: string; readonly cert: string }
}

export function selfSigned(names: readonly string[] = ['localhost']): Certificates['self'] {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-tls-'))
  try {
    const [key, cert, config] = ['key.pem', 'cert.pem', 'openssl.cnf'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(
      config,
      `[req]\ndistinguished_name=dn\nx509_extensions=ext\nprompt=no\n[dn]\nCN=localhost\n[ext]\nsubjectAltName=${names.map((name) => `DNS:${name}`).join(',')}\n`,
    )
    const options = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2']
    execFileSync('openssl', ['req', ...options, '-config', config, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
