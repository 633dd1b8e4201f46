import { Readable } from 'node:stream'
import { type Dispatcher, request } from 'undici'
import { MaintenanceError, sentenceOf } from '../../errors'
import { type DispatcherOptions, outgoing } from '../../network/dispatcher'
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

const POST_MS = 10_000
/** Enough for `ok`, and for nothing to be carried away. */
const READ_BYTES = 1_024

/**
 * One POST over https, to exactly the address that was judged (H18), or through the proxy of the machine: no redirect is
 * followed, and link-local and metadata addresses are refused. Never throws; nothing of the address gets into what it says.
 */
export function httpsPost(options: DispatcherOptions = {}): HttpPost {
  const dispatcher = outgoing(options)
  return (post) => {
    const url = URL.canParse(post.url) ? new URL(post.url) : null
    if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '')
      return Promise.resolve({ kind: 'refused', why: 'its address is no https:// address without user and password' })
    if (isRefusedHost(url.hostname)) return Promise.resolve(REFUSED)
    return send(url, post, dispatcher)
  }
}

const REFUSED: PostEnd = { kind: 'refused', why: 'its address is a link-local or metadata address' }

async function send(url: URL, post: PostRequest, dispatcher: Dispatcher): Promise<PostEnd> {
  const bytes = Buffer.from(post.body)
  let isSent = false
  // It is asked for its bytes when there is a connection, proxy and TLS included, and not before.
  async function* body() {
    isSent = true
    yield bytes
  }
  try {
    const response = await request(url, {
      dispatcher,
      method: 'POST',
      headers: { ...post.headers, 'content-length': String(bytes.length), 'user-agent': 'pitstop' },
      body: Readable.from(body()),
      // A connection of its own: one that was kept may be dead, and a notice would be lost without a word.
      reset: true,
      signal: AbortSignal.any([post.signal, AbortSignal.timeout(POST_MS)]),
    })
    const { 'retry-after': retryAfter } = response.headers
    return {
      kind: 'answered',
      status: response.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
      body: await beginningOf(response.body),
    }
  } catch (error) {
    if (error instanceof RefusedAddressError) return REFUSED
    if (error instanceof MaintenanceError) return { kind: 'refused', why: sentenceOf(error) }
    return { kind: isSent ? 'unknown' : 'unsent' }
  }
}

/** The status came: that is the answer, whatever happens to the rest. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= READ_BYTES) break
    }
  } catch {
    // Cut: what came is what there is.
  }
  return Buffer.concat(chunks).subarray(0, READ_BYTES).toString('utf8')
}
