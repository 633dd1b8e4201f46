import { type IncomingMessage, request } from 'node:http'
import type { Duplex } from 'node:stream'
import { cleanText } from './excerpt'

/** Most bytes of a body that are read, and most that are kept for the excerpt (H18). */
export const HTTP_READ_BYTES = 1 << 20
const HTTP_KEPT_BYTES = 64 << 10

export interface Answer {
  readonly status: number
  /** The first bytes of the body. */
  readonly head: Uint8Array
  /** The wanted text was met. */
  readonly found: boolean
  /** The body goes on beyond what is read. */
  readonly cut: boolean
  /** `gzip` …: the server encoded the body though we asked it not to. */
  readonly encoding: string | null
}

/**
 * One GET over a connection that stands already. No agent takes part: an agent would open a connection of its own,
 * from the runner, to whatever listens there on the port.
 * @throws when the answer is no HTTP, or the connection breaks before the answer is whole; the signal's reason.
 */
export function exchange(socket: Duplex, url: URL, wanted: string | undefined, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({
      createConnection: () => socket,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        accept: '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'pitstop',
        connection: 'close',
      },
      signal,
    })
    asked.on('error', reject)
    asked.on('response', (response) =>
      read(response, wanted)
        .then(resolve, reject)
        .finally(() => asked.destroy()),
    )
    // 101 and CONNECT answers hand the socket over instead of a body.
    asked.on('upgrade', (response, rest) => {
      resolve({ status: response.statusCode ?? 0, head: new Uint8Array(), found: false, cut: false, encoding: null })
      rest.destroy()
    })
    asked.end()
  })
}

async function read(response: IncomingMessage, wanted: string | undefined): Promise<Answer> {
  const search = new Search(wanted)
  const kept: Buffer[] = []
  let bytes = 0
  let cut = false
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const part = chunk.subarray(0, HTTP_READ_BYTES - bytes)
    if (bytes < HTTP_KEPT_BYTES) kept.push(part.subarray(0, HTTP_KEPT_BYTES - bytes))
    bytes += part.length
    search.feed(part)
    cut = bytes >= HTTP_READ_BYTES
    // Enough is known: an endless body is not waited for.
    if (cut || search.found) break
  }
  const encoding = cleanText(response.headers['content-encoding'] ?? '', 40)
  return {
    status: response.statusCode ?? 0,
    head: Buffer.concat(kept),
    found: search.found,
    cut,
    encoding: encoding === '' || encoding === 'identity' ? null : encoding,
  }
}

/** Looks for a text in a stream of bytes, across the seams of its chunks. */
class Search {
  readonly #wanted: Buffer | null
  #tail: Buffer = Buffer.alloc(0)
  found = false

  constructor(wanted: string | undefined) {
    this.#wanted = wanted === undefined ? null : Buffer.from(wanted)
  }

  feed(chunk: Buffer): void {
    if (this.#wanted === null || this.found) return
    const window = Buffer.concat([this.#tail, chunk])
    this.found = window.includes(this.#wanted)
    this.#tail = window.subarray(Math.max(0, window.length - this.#wanted.length + 1))
  }
}
