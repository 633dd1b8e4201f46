import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { LookupFunction } from 'node:net'
import { beforeAll, expect, test, vi } from 'vitest'
import { describeGithubError, githubClient } from '../../../src/announce/github'
import { httpsPost } from '../../../src/announce/notifiers/https-post'
import { runnerNetwork } from '../../../src/checks/runner-network'
import { encrypt } from '../../../src/checks/tls-socket'
import type { DispatcherOptions } from '../../../src/network/dispatcher'
import { listening, selfSigned } from '../checks/servers'
import { proxyTo } from './proxy'

const NAME = 'only-the-proxy-knows.example'
let pem: { readonly key: string; readonly cert: string }
beforeAll(() => {
  pem = selfSigned([NAME, 'localhost'])
})

/** Whoever looks a name up goes past the proxy. */
const lookup: LookupFunction = vi.fn((_name, _options, done) => done(new Error('nobody may look it up'), ''))
const signal = () => AbortSignal.timeout(10_000)

async function behindProxy<T>(
  answer: RequestListener,
  act: (network: DispatcherOptions & { readonly env: Record<string, string> }) => Promise<T>,
  { user = '', refuses = 200 }: { user?: string; refuses?: number } = {},
) {
  await using server = await listening(createServer(pem, answer))
  await using proxy = await proxyTo(server.port, refuses)
  const end = await act({ env: { HTTPS_PROXY: proxy.url(user) }, ca: pem.cert, lookup })
  expect(lookup).not.toHaveBeenCalled()
  return { end, asked: proxy.asked }
}

const notice = (network: DispatcherOptions, host = NAME) =>
  httpsPost(network)({ url: `https://${host}/hook`, headers: {}, body: '{}', signal: signal() })

test('a notice goes through the proxy of the machine, which is given its own password', async () => {
  const { end, asked } = await behindProxy((_, response) => response.end('ok'), notice, { user: 'me:p%40ss@' })
  expect(end).toMatchObject({ kind: 'answered', status: 200, body: 'ok' })
  expect(asked).toEqual([{ to: `${NAME}:443`, authorization: `Basic ${btoa('me:p@ss')}` }])
})

test('a proxy that refuses the way has carried no notice', async () => {
  const { end } = await behindProxy(() => undefined, notice, { refuses: 403 })
  expect(end).toEqual({ kind: 'unsent' })
})

test('an HTTPS_PROXY that names no proxy is told, and nothing is sent past it', async () => {
  const end = await notice({ env: { HTTPS_PROXY: 'socks5://x' }, lookup })
  expect(end).toMatchObject({ kind: 'refused', why: expect.stringContaining('HTTPS_PROXY does not name a proxy') })
  expect(lookup).not.toHaveBeenCalled()
})

test.each(['metadata.google.internal', '169.254.169.254', '2852039166', '[64:ff9b::a9fe:a9fe]'])(
  'H18: a proxy is not asked for %s',
  async (host) => {
    const { end, asked } = await behindProxy(
      () => undefined,
      (network) => notice(network, host),
    )
    expect(end).toMatchObject({ kind: 'refused' })
    expect(asked).toEqual([])
    const dialled = runnerNetwork(lookup, { HTTPS_PROXY: 'http://127.0.0.1:1' }).dial(host, 443, signal(), true)
    await expect(dialled).rejects.toThrow('link-local and metadata addresses are refused')
  },
)

test('what NO_PROXY names is reached directly', async () => {
  await using server = await listening(createServer(pem, (_, response) => response.end('ok')))
  const toLoopback: LookupFunction = (_name, options, done) =>
    options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
  const env = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: '.example' }
  const end = await httpsPost({ env, ca: pem.cert, lookup: toLoopback })({
    url: `https://${NAME}:${server.port}/`,
    headers: {},
    body: '{}',
    signal: signal(),
  })
  expect(end).toMatchObject({ kind: 'answered', body: 'ok' })
})

const repository = (network: DispatcherOptions) =>
  githubClient({
    token: 'ghs_token',
    apiUrl: `https://${NAME}/api/v3`,
    signal: signal(),
    paceMs: 1,
    network,
  }).rest.repos.get({ owner: 'acme', repo: 'ops' })

test('GitHub is asked through the proxy of the machine', async () => {
  const { end, asked } = await behindProxy(
    (request, response) =>
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ path: request.url, by: request.headers.authorization })),
    repository,
  )
  expect(end.data).toEqual({ path: '/api/v3/repos/acme/ops', by: 'token ghs_token' })
  expect(asked).toEqual([{ to: `${NAME}:443`, authorization: undefined }])
})

test('H18: a GitHub that redirects to a metadata address leads nowhere', async () => {
  await using server = await listening(
    createServer(pem, (_, response) => response.writeHead(301, { location: 'http://169.254.169.254/' }).end()),
  )
  const apiUrl = `https://localhost:${server.port}`
  const client = githubClient({ token: 't', apiUrl, signal: signal(), paceMs: 1, network: { ca: pem.cert, env: {} } })
  const error = await client.rest.repos.get({ owner: 'acme', repo: 'ops' }).catch((why: unknown) => why)
  expect(describeGithubError(error)).toContain('link-local and metadata addresses are refused')
})

test('a check of an https address from the runner goes through the proxy, any other goes directly', async () => {
  const { end, asked } = await behindProxy(
    (_, response) => response.end('ok'),
    async ({ env }) => {
      const network = runnerNetwork(lookup, env)
      const socket = await network.dial(NAME, 443, signal(), true)
      const secure = await encrypt(socket, NAME, signal(), pem.cert)
      secure.write(`GET / HTTP/1.1\r\nhost: ${NAME}\r\nconnection: close\r\n\r\n`)
      let text = ''
      for await (const chunk of secure) text += chunk
      await expect(network.dial('127.0.0.1', 1, signal())).rejects.toThrow('ECONNREFUSED')
      return text
    },
  )
  expect(end).toMatch(/^HTTP\/1.1 200 OK/)
  expect(asked).toHaveLength(1)
})

test('a proxy that refuses the way of a check is named', async () => {
  const dial = ({ env }: { env: Record<string, string> }) =>
    runnerNetwork(lookup, env)
      .dial(NAME, 443, signal(), true)
      .catch((error: Error) => error.message)
  const { end } = await behindProxy(() => undefined, dial, { refuses: 407, user: 'me:hunter22@' })
  expect(end).toMatch(/^the proxy 127\.0\.0\.1:\d+ refuses the way to only-the-proxy-knows\.example:443 \(407\)$/)
})
