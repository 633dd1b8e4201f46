import type { LookupFunction } from 'node:net'
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici'
import { httpsProxy, type ProxyEnv, proxyHeaders } from './https-proxy'
import { judgedLookup, requireAllowedHost } from './judged-connect'

export interface DispatcherOptions {
  /** Where HTTPS_PROXY and NO_PROXY stand; default: the environment of the process. */
  readonly env?: ProxyEnv
  /** Certificates to trust besides those of the system; only tests have any. */
  readonly ca?: string
  readonly lookup?: LookupFunction
}

/**
 * What sends the runner's own requests: through the proxy of the machine where it has one, else to the address that was
 * judged (H18). Behind a proxy the name is judged as it is written; what it resolves to only the proxy knows.
 */
export function outgoing(options: DispatcherOptions = {}): Dispatcher {
  const tls = options.ca === undefined ? {} : { ca: options.ca }
  const connect = buildConnector({ ...tls, lookup: judgedLookup(options.lookup) })
  const direct = new Agent({
    connect: (to, done) => {
      try {
        requireAllowedHost(to.hostname)
      } catch (error) {
        return done(error as Error, null)
      }
      connect(to, done)
    },
  })
  const proxies = new Map<string, ProxyAgent>()
  const through = (proxy: URL): ProxyAgent => {
    const known = proxies.get(proxy.href)
    if (known !== undefined) return known
    const token = proxyHeaders(proxy)['proxy-authorization']
    const made = new ProxyAgent({ uri: proxy.origin, requestTls: tls, proxyTls: tls, ...(token ? { token } : {}) })
    proxies.set(proxy.href, made)
    return made
  }
  return direct.compose((dispatch) => (request, handler) => {
    const { protocol, hostname, port } = new URL(String(request.origin))
    const proxy = protocol === 'https:' ? httpsProxy(hostname, Number(port || 443), options.env) : null
    if (proxy === null) return dispatch(request, handler)
    requireAllowedHost(hostname)
    return through(proxy).dispatch(request, handler)
  })
}
