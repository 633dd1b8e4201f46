import type { LookupAddress } from 'node:dns'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { LookupFunction } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { httpsPost, type PostEnd } from '../../../src/announce/notifiers/https-post'
import { listening, selfSigned } from '../checks/servers'

let pem: { readonly key: string; readonly cert: string }
beforeAll(() => {
  pem = selfSigned()
})

const toLoopback: LookupFunction = (_name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }] as LookupAddress[]) : done(null, '127.0.0.1', 4)

async function post(answer: RequestListener, ca: string | undefined = pem.cert, timeoutMs = 5_000): Promise<PostEnd> {
  await using server = await listening(createServer(pem, answer))
  const send = httpsPost({ lookup: toLoopback, ...(ca === undefined ? {} : { ca }) })
  return await send({
    url: `https://localhost:${server.port}/hook?x=1`,
    headers: { 'content-type': 'application/json', 'webhook-id': 'pitstop_1' },
    body: '{"a":"é"}',
    signal: AbortSignal.timeout(timeoutMs),
  })
}

test('the exact bytes arrive, and the answer comes back', async () => {
  let got = ''
  const end = await post((request, response) => {
    request.setEncoding('utf8').on('data', (text) => {
      got += text
    })
    request.on('end', () => response.writeHead(200, { 'retry-after': '3' }).end('ok'))
    got += `${request.method} ${request.url} ${request.headers['webhook-id']} `
  })
  expect(got).toBe('POST /hook?x=1 pitstop_1 {"a":"é"}')
  expect(end).toEqual({ kind: 'answered', status: 200, retryAfter: '3', body: 'ok' })
})

test('H18: no redirect is followed', async () => {
  let asked = 0
  const end = await post((_, response) => {
    asked++
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  expect(end).toMatchObject({ kind: 'answered', status: 307 })
  expect(asked).toBe(1)
})

test('an endless body is not waited for', async () => {
  const end = await post((_, response) => {
    response.writeHead(200)
    response.write('x'.repeat(100_000))
  })
  expect(end).toMatchObject({ kind: 'answered', status: 200, body: 'x'.repeat(1_024) })
})

test('a certificate that nobody trusts is not talked to', async () => {
  let asked = 0
  expect(await post(() => asked++, '')).toEqual({ kind: 'unsent' })
  expect(asked).toBe(0)
})

test('a server that never answers may have got the notice', async () => {
  expect(await post(() => undefined, pem.cert, 500)).toEqual({ kind: 'unknown' })
})

test('a connection that is cut after the request may have carried the notice', async () => {
  expect(await post((request) => request.socket.destroy())).toEqual({ kind: 'unknown' })
})

const request = (url: string) => ({ url, headers: {}, body: '', signal: AbortSignal.timeout(5_000) })

test.each(['http://127.0.0.1/x', 'https://user:password@example.com/', 'ftp://x', 'nothing'])(
  'H18: nothing is sent to %s',
  async (url) => expect(await httpsPost()(request(url))).toMatchObject({ kind: 'refused' }),
)

test.each([
  'https://169.254.169.254/latest',
  'https://[fe80::1]/',
  'https://2852039166/',
  'https://[::ffff:169.254.169.254]/',
])('H18: %s is refused', async (url) => expect(await httpsPost()(request(url))).toMatchObject({ kind: 'refused' }))

test('H18: a name that leads to a metadata address is refused', async () => {
  const lookup: LookupFunction = (_name, options, done) =>
    options.all ? done(null, [{ address: '169.254.169.254', family: 4 }]) : done(null, '169.254.169.254', 4)
  expect(await httpsPost({ lookup })(request('https://hooks.example/'))).toMatchObject({ kind: 'refused' })
})
