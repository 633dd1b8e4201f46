import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { findOperation, type Operation } from './openapi'

export interface FakeRequest {
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** null: no body was sent. */
  readonly body: Readonly<Record<string, unknown>> | null
}

export interface FakeAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What a part of the fake answers, by `GET /repos/{owner}/{repo}/…` as GitHub describes it. */
export type FakeRoutes = Readonly<Record<string, (request: FakeRequest) => FakeAnswer>>

/** Answers instead of the routes: null leaves the request to them, `hang` never answers, `drop` cuts the connection. */
export type FakeTrouble = (request: FakeRequest, count: number) => FakeAnswer | 'hang' | 'drop' | null

/**
 * A GitHub on loopback that knows only what GitHub's own description knows: a request that is not as described is
 * refused with 400 and noted in `problems`, and so is an answer of ours that GitHub would not give.
 */
export class FakeGithub {
  readonly requests: FakeRequest[] = []
  /** Must be empty at the end of a test. */
  readonly problems: string[] = []
  trouble: FakeTrouble = () => null
  readonly #routes: FakeRoutes
  readonly #token: string
  readonly #server: Server

  private constructor(routes: FakeRoutes, token: string) {
    this.#routes = routes
    this.#token = token
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => {
        this.problems.push(String(error))
        response.destroy()
      })
    })
  }

  static async start(routes: FakeRoutes, token = 'ghs_fake_token_of_a_test'): Promise<FakeGithub> {
    const fake = new FakeGithub(routes, token)
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve))
    return fake
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.url)
    const text = await textOf(incoming)
    const operation = findOperation(incoming.method ?? 'GET', url.pathname)
    if (operation === null) {
      this.problems.push(`GitHub has no ${incoming.method} ${url.pathname}`)
      return send(response, { status: 404, body: { message: 'Not Found' } })
    }
    const body = text === '' ? undefined : JSON.parse(text)
    const request: FakeRequest = {
      route: operation.route,
      params: operation.params,
      query: url.searchParams,
      body: body ?? null,
    }
    this.requests.push(request)
    const problem = operation.problem(url.searchParams, body)
    if (problem !== null) {
      this.problems.push(`${operation.route}: ${problem}`)
      return send(response, { status: 400, body: { message: problem } })
    }
    const count = this.requests.filter((one) => one.route === operation.route).length
    const trouble = this.trouble(request, count)
    if (trouble === 'hang') return
    if (trouble === 'drop') return void response.destroy()
    send(response, trouble ?? this.#own(operation, request, incoming.headers.authorization))
  }

  #own(operation: Operation, request: FakeRequest, authorization: string | undefined): FakeAnswer {
    if (authorization !== `token ${this.#token}` && authorization !== `Bearer ${this.#token}`)
      return { status: 401, body: { message: 'Bad credentials' } }
    const route = this.#routes[operation.route]
    if (route === undefined) {
      this.problems.push(`the fake does not do ${operation.route}`)
      return { status: 404, body: { message: 'Not Found' } }
    }
    const answer = route(request)
    const problem = operation.answerProblem(answer.status, answer.body)
    if (problem !== null) this.problems.push(`answer ${answer.status} of ${operation.route}: ${problem}`)
    return answer
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, { status, body, headers }: FakeAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
