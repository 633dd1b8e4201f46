import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { createServer } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { encrypt } from '../../../src/checks/tls-socket'

/** A stream that is no socket, as a channel of SSH is none. */
function channelTo(port: number): Duplex {
  const socket = connect(port, '127.0.0.1')
  const channel = new Duplex({
    read: () => undefined,
    write: (bytes, _, done) => socket.write(bytes, () => done()),
    final: (done) => {
      socket.end()
      done()
    },
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (bytes) => channel.push(bytes)).on('end', () => channel.push(null))
  return channel.on('error', () => undefined)
}

it('a certificate that is refused is named with its own code, also through a channel', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pitstop-tls-'))
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
    ],
    { stdio: 'ignore' },
  )
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) })
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const refused = encrypt(channelTo(port), 'localhost', new AbortController().signal)
  await expect(refused).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
})
