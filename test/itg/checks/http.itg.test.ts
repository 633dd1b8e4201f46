import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { exchange } from '../../../src/checks/http-exchange'
import { declaredProbes } from '../../../src/checks/kinds'
import { runProbe } from '../../../src/checks/run'
import { runnerNetwork } from '../../../src/checks/runner-network'
import { encrypt } from '../../../src/checks/tls-socket'
import { systemClock } from '../../../src/engine/clock'
import { hostConfig } from '../../fixtures/host-config'
import { probeContext } from '../../fixtures/probe-context'
import { closedPort, hostNetwork, listening, raw, selfSigned } from './servers'

interface Spec {
  readonly url: string
  readonly status?: number
  readonly contains?: string
  readonly from?: 'host' | 'runner' | 'both'
  readonly timeout?: string
}

async function check(spec: Spec, dialled: string[] = []) {
  const host = hostConfig({
    address: '127.0.0.1',
    stages: { verify: { checks: [{ http: { timeout: '2s', ...spec } }] } },
  })
  const [probe] = declaredProbes(host.stages.verify.checks, { host, runId: 'r' })
  if (probe === undefined) throw new Error('no probe')
  const context = probeContext({ host, clock: systemClock, runner: runnerNetwork() })
  return runProbe(probe, { ...context, remote: { ...context.remote, dial: hostNetwork(dialled) } })
}

const saying =
  (text: string, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(text)
const OK = 'HTTP/1.1 200 OK\r\n'

describe('an http check', () => {
  it('passes with the wanted status, through the connection of the host', async () => {
    await using server = await listening(createServer(saying('all fine')))
    const dialled: string[] = []
    const result = await check({ url: `http://localhost:${server.port}/health` }, dialled)
    expect(result).toMatchObject({ id: `http:http://localhost:${server.port}/health`, kind: 'http', outcome: 'pass' })
    expect(result.actual).toMatch(/^from the host: 200 in \d+ ms$/)
    expect(dialled).toEqual([`localhost:${server.port}`])
  })

  it('asks for the path and the query with the right Host', async () => {
    const seen: (string | undefined)[] = []
    await using server = await listening(
      createServer((request, response) => {
        seen.push(request.method, request.url, request.headers.host)
        response.end('ok')
      }),
    )
    await check({ url: `http://app.internal:${server.port}/a/b?c=d#e` })
    expect(seen).toEqual(['GET', '/a/b?c=d', `app.internal:${server.port}`])
  })

  it('never asks the runner where the host is meant', async () => {
    // Something answers well on the runner; on the host nobody does.
    await using runner = await listening(createServer(saying('wrong machine')))
    const host = hostConfig()
    const [probe] = declaredProbes(
      hostConfig({ stages: { verify: { checks: [{ http: { url: `http://localhost:${runner.port}/` } }] } } }).stages
        .verify.checks,
      { host, runId: 'r' },
    )
    if (probe === undefined) throw new Error('no probe')
    const nobody = await closedPort()
    const context = probeContext({ clock: systemClock })
    const dial = () => hostNetwork()('localhost', nobody)
    const result = await runProbe(probe, { ...context, remote: { ...context.remote, dial } })
    expect(result).toMatchObject({ outcome: 'fail', actual: 'from the host: no connection (ECONNREFUSED)' })
  })

  it.each([
    [500, 'oops'],
    [204, ''],
    [404, 'no such page'],
  ])('fails with status %d, and shows the beginning of the body', async (status, body) => {
    await using server = await listening(createServer(saying(body, status)))
    const result = await check({ url: `http://localhost:${server.port}/` })
    expect(result.outcome).toBe('fail')
    expect(result.actual).toContain(`${status} in `)
    expect(result.actual).toContain(body)
  })

  it('passes with another status where that is the wanted one', async () => {
    await using server = await listening(createServer(saying('', 401)))
    expect((await check({ url: `http://localhost:${server.port}/`, status: 401 })).outcome).toBe('pass')
  })

  it('H18: does not follow a redirect: it is an answer', async () => {
    const visits: (string | undefined)[] = []
    await using server = await listening(
      createServer((request, response) => {
        visits.push(request.url)
        response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
      }),
    )
    const dialled: string[] = []
    expect((await check({ url: `http://localhost:${server.port}/` }, dialled)).outcome).toBe('fail')
    expect((await check({ url: `http://localhost:${server.port}/`, status: 302 }, dialled)).outcome).toBe('pass')
    expect(visits).toEqual(['/', '/'])
    expect(dialled).toHaveLength(2)
  })

  it.each([
    ['in one piece', ['the answer is ok']],
    ['across chunks', ['the answer is o', 'k']],
    ['byte by byte', [...'the answer is ok']],
  ])('finds the text %s', async (_title, chunks) => {
    await using server = await listening(
      createServer(async (_, response) => {
        for (const chunk of chunks) {
          response.write(chunk)
          await new Promise((resolve) => setImmediate(resolve))
        }
        response.end()
      }),
    )
    expect((await check({ url: `http://localhost:${server.port}/`, contains: 'is ok' })).outcome).toBe('pass')
  })

  it('fails without the text', async () => {
    await using server = await listening(createServer(saying('all is lost')))
    const result = await check({ url: `http://localhost:${server.port}/`, contains: 'ok' })
    expect(result).toMatchObject({ outcome: 'fail', actual: expect.stringMatching(/without the text: "all is lost"$/) })
  })

  it('H18: reads 1 MiB of an endless body and no more; a text that did not come by then is unknown', async () => {
    let sent = 0
    await using server = await listening(
      raw((socket) => {
        socket.write(`${OK}\r\n`)
        const more = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(65_536, 'x'))) sent += 65_536
          sent += 65_536
        }
        socket.on('drain', more)
        more()
      }),
    )
    const result = await check({ url: `http://localhost:${server.port}/`, contains: 'ok' })
    expect(result).toMatchObject({ outcome: 'unknown', actual: expect.stringContaining('not in the first 1 MiB') })
    expect(sent).toBeLessThan(32 * 2 ** 20)
    expect((await check({ url: `http://localhost:${server.port}/` })).outcome).toBe('pass')
  })

  it('fails when the body drips on for ever', async () => {
    await using server = await listening(
      raw((socket) => {
        socket.write(`${OK}\r\n`)
        const drip = setInterval(() => socket.write('.'), 20)
        socket.on('close', () => clearInterval(drip))
      }),
    )
    const result = await check({ url: `http://localhost:${server.port}/`, timeout: '1s' })
    expect(result).toMatchObject({ outcome: 'fail', actual: 'from the host: no whole answer within 1 s' })
  })

  it.each([
    ['says nothing', () => undefined],
    ['drips its headers', (socket: { write: (text: string) => unknown }) => socket.write('HTTP/1.1 20')],
  ])('fails when the service %s', async (_title, answer) => {
    await using server = await listening(raw(answer))
    expect((await check({ url: `http://localhost:${server.port}/`, timeout: '1s' })).outcome).toBe('fail')
  })

  it.each([
    ['breaks off in the body', `${OK}content-length: 100\r\n\r\nok`],
    ['breaks off in the headers', 'HTTP/1.1 200 OK\r\ncontent-le'],
    ['speaks no HTTP', '\u0000\u0001\u0002SSH-2.0-x\r\n'],
    ['sends a bad chunk', `${OK}transfer-encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n`],
    ['sends endless headers', `${OK}x: ${'y'.repeat(200_000)}\r\n\r\n`],
    ['hangs up', ''],
  ])('fails when the service %s', async (_title, text) => {
    await using server = await listening(raw((socket) => socket.end(text)))
    const result = await check({ url: `http://localhost:${server.port}/` })
    expect(result.outcome).toBe('fail')
    expect(result.actual).toMatch(/^from the host: no whole HTTP answer \(/)
  })

  it('does not take a body for the text that only its beginning promises', async () => {
    await using server = await listening(raw((socket) => socket.end(`${OK}content-length: 100\r\n\r\nalmost`)))
    expect((await check({ url: `http://localhost:${server.port}/`, contains: 'ok' })).outcome).toBe('fail')
  })

  it('is unknown when the body is encoded against our wish and cannot be searched', async () => {
    await using server = await listening(
      createServer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('zipped')),
    )
    expect((await check({ url: `http://localhost:${server.port}/`, contains: 'ok' })).outcome).toBe('unknown')
  })

  it('shows no control character of a body', async () => {
    await using server = await listening(createServer(saying('\u001b[2J::error::\u0007\u202e\r\nevil', 500)))
    const result = await check({ url: `http://localhost:${server.port}/` })
    expect(result.actual).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(result.actual).toContain('evil')
  })

  it('an upgrade is an answer with its status', async () => {
    await using server = await listening(
      raw((socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')),
    )
    expect((await check({ url: `http://localhost:${server.port}/` })).outcome).toBe('fail')
  })
})

describe('an http check from the runner', () => {
  it('goes to the host where the url says localhost', async () => {
    await using server = await listening(createServer(saying('ok')))
    const result = await check({ url: `http://localhost:${server.port}/`, from: 'runner' })
    expect(result).toMatchObject({ outcome: 'pass', actual: expect.stringMatching(/^from the runner: 200/) })
  })

  it('H18: is unknown for a metadata address', async () => {
    const result = await check({ url: 'http://169.254.169.254/latest/meta-data', from: 'runner' })
    expect(result.outcome).toBe('unknown')
  })

  it('with both views the worse one counts, and both are told', async () => {
    await using server = await listening(createServer(saying('ok')))
    const fine = await check({ url: `http://localhost:${server.port}/`, from: 'both' })
    expect(fine).toMatchObject({
      outcome: 'pass',
      actual: expect.stringMatching(/^from the host: 200.*; from the runner: 200/),
    })
    const half = await check({ url: `http://169.254.0.1:${server.port}/`, from: 'both' })
    expect(half).toMatchObject({ outcome: 'unknown', actual: expect.stringMatching(/^from the host: 200/) })
  })
})

describe('an https check', () => {
  const { key, cert } = selfSigned()
  const signal = new AbortController().signal

  it('fails for a certificate nobody vouches for, with the code', async () => {
    await using server = await listening(createHttps({ key, cert }, saying('ok')))
    const result = await check({ url: `https://localhost:${server.port}/` })
    expect(result).toMatchObject({ outcome: 'fail', actual: 'from the host: no TLS (DEPTH_ZERO_SELF_SIGNED_CERT)' })
  })

  it('fails where no TLS is spoken', async () => {
    await using server = await listening(createServer(saying('ok')))
    expect((await check({ url: `https://localhost:${server.port}/` })).outcome).toBe('fail')
  })

  it('fails where the handshake hangs', async () => {
    await using server = await listening(raw(() => undefined))
    const result = await check({ url: `https://localhost:${server.port}/`, timeout: '1s' })
    expect(result).toMatchObject({ outcome: 'fail', actual: expect.stringContaining('within 1 s') })
  })

  it('gets its answer over a trusted connection that is no socket', async () => {
    await using server = await listening(createHttps({ key, cert }, saying('hello')))
    const plain = await hostNetwork()('localhost', server.port)
    const secure = await encrypt(plain, 'localhost', signal, cert)
    const answer = await exchange(secure, new URL(`https://localhost:${server.port}/`), 'hello', signal)
    expect(answer).toMatchObject({ status: 200, found: true })
    plain.destroy()
  })

  it('does not trust a certificate for another name', async () => {
    await using server = await listening(createHttps({ key, cert }, saying('hello')))
    const plain = connect(server.port, '127.0.0.1')
    await expect(encrypt(plain, 'example.com', signal, cert)).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    plain.destroy()
  })
})
