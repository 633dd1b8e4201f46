import { lookup as systemLookup } from 'node:dns'
import { request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isRefusedAddress } from '../../checks/runner-network'

export interface PostRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}

/** `unsent`: nobody can have received it. `unknown`: it was sent, and no answer came. */
export type PostEnd =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly kind: 'unsent' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly why: string }

export type HttpPost = (post: PostRequest) => Promise<PostEnd>

export interface PostOptions {
  /** Certificates to trust besides those of the system; only tests have any. */
  readonly ca?: string
  readonly lookup?: LookupFunction
}

const POST_MS = 10_000
/** Enough for `ok`, and for nothing to be carried away. */
const READ_BYTES = 1_024

/**
 * One POST over https, to exactly the address that was judged (H18): no redirect is followed, and link-local and
 * metadata addresses are refused. Never throws; nothing of the address gets into what it says.
 */
export function httpsPost(options: PostOptions = {}): HttpPost {
  const resolve = options.lookup ?? systemLookup
  return (post) => {
    const url = URL.canParse(post.url) ? new URL(post.url) : null
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
      return Promise.resolve({ kind: 'refused', why: 'its address is no https:// address without user and password' })
    if (isMetadata(url.hostname)) return Promise.resolve(REFUSED)
    return send(url, post, resolve, options.ca)
  }
}

const REFUSED: PostEnd = { kind: 'refused', why: 'its address is a link-local or metadata address' }

function isMetadata(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) !== 0 && isRefusedAddress(bare)
}

function send(url: URL, post: PostRequest, resolve: LookupFunction, ca: string | undefined): Promise<PostEnd> {
  return new Promise((settle) => {
    let isRefused = false
    let isSent = false
    const lookup: LookupFunction = (name, wanted, done) =>
      resolve(name, wanted, (error, found, family) => {
        const addresses = typeof found === 'string' ? [found] : (found ?? []).map((entry) => entry.address)
        isRefused = !error && addresses.some(isRefusedAddress)
        if (isRefused) done(new Error('refused'), '')
        else done(error, found, family)
      })
    const asked = request(url, {
      method: 'POST',
      headers: { ...post.headers, 'content-length': Buffer.byteLength(post.body), 'user-agent': 'pitstop' },
      lookup,
      agent: false,
      signal: AbortSignal.any([post.signal, AbortSignal.timeout(POST_MS)]),
      ...(ca === undefined ? {} : { ca }),
    })
    asked.on('error', () => settle(isRefused ? REFUSED : { kind: isSent ? 'unknown' : 'unsent' }))
    asked.on('socket', (socket) =>
      socket.once('secureConnect', () => {
        isSent = true
      }),
    )
    asked.on('response', (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const answered = () => {
        const body = Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8')
        settle({
          kind: 'answered',
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'] ?? null,
          body,
        })
        asked.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (bytes >= READ_BYTES) answered()
      })
      response.on('end', answered)
      // The status came: that is the answer, whatever happens to the rest.
      response.on('error', answered)
    })
    asked.end(post.body)
  })
}
