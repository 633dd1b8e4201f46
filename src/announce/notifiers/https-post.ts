import { request } from 'node:https'
import type { LookupFunction } from 'node:net'
import { judgedLookup } from '../../network/judged-connect'
import { isRefusedHost, RefusedAddressError } from '../../network/refused-address'

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
  const lookup = judgedLookup(options.lookup)
  return (post) => {
    const url = URL.canParse(post.url) ? new URL(post.url) : null
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
      return Promise.resolve({ kind: 'refused', why: 'its address is no https:// address without user and password' })
    if (isRefusedHost(url.hostname)) return Promise.resolve(REFUSED)
    return send(url, post, lookup, options.ca)
  }
}

const REFUSED: PostEnd = { kind: 'refused', why: 'its address is a link-local or metadata address' }

function send(url: URL, post: PostRequest, lookup: LookupFunction, ca: string | undefined): Promise<PostEnd> {
  return new Promise((settle) => {
    let isSent = false
    const asked = request(url, {
      method: 'POST',
      headers: { ...post.headers, 'content-length': Buffer.byteLength(post.body), 'user-agent': 'pitstop' },
      lookup,
      agent: false,
      signal: AbortSignal.any([post.signal, AbortSignal.timeout(POST_MS)]),
      ...(ca === undefined ? {} : { ca }),
    })
    asked.on('error', (error) =>
      settle(error instanceof RefusedAddressError ? REFUSED : { kind: isSent ? 'unknown' : 'unsent' }),
    )
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
