import { BlockList, isIP } from 'node:net'
import { MaintenanceError } from '../errors'

/** Where the proxy of a machine is named. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>

/**
 * The proxy through which the runner reaches an https:// address; null: none, the connection is direct. HTTPS_PROXY and
 * NO_PROXY (or in lower case, which comes first) as curl reads them; the runner itself is never asked for through a proxy.
 * @throws MaintenanceError where HTTPS_PROXY names none: to go past a proxy that somebody wants would be a guess
 */
export function httpsProxy(host: string, port: number, env: ProxyEnv = process.env): URL | null {
  const named = (env.https_proxy || env.HTTPS_PROXY || '').trim()
  if (named === '' || isExempt(host, port, env.no_proxy || env.NO_PROXY || '')) return null
  const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`
  const proxy = URL.canParse(written) ? new URL(written) : null
  if (proxy !== null && (proxy.protocol === 'http:' || proxy.protocol === 'https:') && proxy.hostname !== '')
    return proxy
  // The value is not shown: it may hold a password.
  throw new MaintenanceError('HTTPS_PROXY does not name a proxy', { hint: 'Expected http://proxy.example.com:3128' })
}

/** What a proxy wants to see of user and password of its URL; empty: it has none. */
export function proxyHeaders({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

function isExempt(host: string, port: number, list: string): boolean {
  const name = bareName(host)
  const address = isIP(name)
  if (name === 'localhost' || name.endsWith('.localhost') || (address !== 0 && isWithin(name, LOOPBACK))) return true
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => covers(entry, name, port))
}

function covers(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isIP(name) !== 0 && isWithin(name, [entry])
  const [, host = entry, wanted] = /^(.*[^:]|\[.*\]):(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? []
  if (wanted !== undefined && Number(wanted) !== port) return false
  const suffix = bareName(host.replace(/^\*?\./, ''))
  return name === suffix || (isIP(name) === 0 && name.endsWith(`.${suffix}`))
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'] as const

function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', bits = ''] = network.split('/')
    const family = isIP(base)
    // A network that cannot be read exempts nothing.
    if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) continue
    list.addSubnet(base, Number(bits), family === 4 ? 'ipv4' : 'ipv6')
  }
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

function bareName(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
}
