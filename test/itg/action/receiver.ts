import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { listening, selfSigned } from '../checks/servers'

/** A notice as the receiver of a webhook got it. */
export interface Received {
  readonly id: string
  readonly type: string
  readonly text: string
  /** The signature is the one that Standard Webhooks prescribes, over the exact bytes. */
  readonly isSigned: boolean
}

type Listening = { readonly port: number } & AsyncDisposable

/** Two receivers behind one certificate: `/slack` answers as Slack does, `/hook` checks signatures as a customer would. */
export class Receiver implements AsyncDisposable {
  readonly secret: string
  readonly hooked: Received[] = []
  readonly slacked: string[] = []
  /** Given to Node as a certificate to trust. */
  readonly caFile: string
  readonly #server: Listening

  private constructor(key: Buffer, caFile: string, server: Listening) {
    this.secret = `whsec_${key.toString('base64')}`
    this.caFile = caFile
    this.#server = server
  }

  static async start(folder: string): Promise<Receiver> {
    const pem = selfSigned()
    const caFile = join(folder, `${randomUUID()}.pem`)
    writeFileSync(caFile, pem.cert)
    const key = randomBytes(32)
    let receiver: Receiver | null = null
    const server = await listening(
      createServer(pem, (request, response) => {
        read(request).then(
          (body) => receiver?.take(request, body, response, key),
          () => response.destroy(),
        )
      }),
    )
    receiver = new Receiver(key, caFile, server)
    return receiver
  }

  url(path: 'hook' | 'slack'): string {
    return `https://localhost:${this.#server.port}/${path}`
  }

  take(request: IncomingMessage, body: string, response: ServerResponse, key: Buffer): void {
    if (request.url === '/slack') {
      this.slacked.push(JSON.parse(body).text)
      response.end('ok')
      return
    }
    const [id, at, given] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
      String(request.headers[name]),
    )
    const expected = `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`
    this.hooked.push({ id: id ?? '', type: JSON.parse(body).type, text: body, isSigned: given === expected })
    response.writeHead(204).end()
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#server[Symbol.asyncDispose]()
  }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
