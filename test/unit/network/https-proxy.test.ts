import { expect, test } from 'vitest'
import { httpsProxy, proxyHeaders } from '../../../src/network/https-proxy'

const HTTPS_PROXY = 'http://proxy.example:3128'
const isProxied = (host: string, NO_PROXY: string, port = 443) =>
  httpsProxy(host, port, { HTTPS_PROXY, NO_PROXY }) !== null

test.each([
  [{ HTTPS_PROXY }, 'http://proxy.example:3128/'],
  [{ https_proxy: 'https://secure.example:8443', HTTPS_PROXY }, 'https://secure.example:8443/'],
  [{ HTTPS_PROXY: 'proxy.example:3128' }, 'http://proxy.example:3128/'],
  [{ HTTPS_PROXY: 'proxy.example' }, 'http://proxy.example/'],
  [{ HTTPS_PROXY: ' ' }, undefined],
  [{ HTTP_PROXY: HTTPS_PROXY }, undefined],
  [{}, undefined],
])('%j goes by %s', (env, proxy) => expect(httpsProxy('api.example', 443, env)?.href).toBe(proxy))

test.each(['socks5://proxy.example:1080', 'http://', 'http://user:hunter22@:3128', 'ftp://proxy.example'])(
  'a proxy that cannot be used is an error, which does not show it: %s',
  (HTTPS_PROXY) => {
    const go = () => httpsProxy('api.example', 443, { HTTPS_PROXY })
    expect(go).toThrow(/^HTTPS_PROXY does not name a proxy$/)
  },
)

test.each([
  ['api.example', '*'],
  ['api.example', 'api.example'],
  ['API.example.', 'api.EXAMPLE'],
  ['api.example', 'other.example, api.example'],
  ['api.example', 'other.example api.example'],
  ['v1.api.example', 'api.example'],
  ['v1.api.example', '.api.example'],
  ['v1.api.example', '*.api.example'],
  ['api.example', 'api.example:443'],
  ['10.1.2.3', '10.1.2.3'],
  ['10.1.2.3', '10.0.0.0/8'],
  ['[fd00::7]', 'fd00::/8'],
  ['fd00::7', '[fd00::7]'],
  ['fd00::7', 'fd00::7'],
  ['fd00::7', '[fd00::7]:443'],
  ['localhost', ''],
  ['127.0.0.9', ''],
  ['[::1]', ''],
])('%s is reached directly with NO_PROXY=%s', (host, exempt) => expect(isProxied(host, exempt)).toBe(false))

test.each([
  ['api.example', ''],
  ['api.example', 'notapi.example'],
  ['myapi.example', 'api.example'],
  ['api.example', 'v1.api.example'],
  ['api.example', 'api.example:8443'],
  ['fd00::7', '[fd00::7]:8443'],
  ['10.1.2.3', '11.0.0.0/8'],
  ['10.1.2.3', '10.0.0.0/99'],
  ['10.1.2.3', '10.0.0.0/'],
  ['10.1.2.3', 'x/8'],
  ['1.2.3.4', '3.4'],
])('%s is reached through the proxy with NO_PROXY=%s', (host, exempt) => expect(isProxied(host, exempt)).toBe(true))

test('user and password of the proxy are for the proxy alone', () => {
  const proxy = new URL('http://user:p%40ss@proxy.example:3128')
  expect(proxyHeaders(proxy)).toEqual({ 'proxy-authorization': `Basic ${btoa('user:p@ss')}` })
  expect(proxyHeaders(new URL(HTTPS_PROXY))).toEqual({})
})
