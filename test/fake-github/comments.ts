import type { FakeRoutes } from './fake-github'
import { type FakeUser, simpleUser } from './users'

export interface FakeComment {
  readonly id: number
  readonly user: FakeUser
  body: string
}

/** Comments of issues and pull requests. GitHub refuses a body of more than 65,536 characters, and the fake by bytes too. */
export class FakeComments {
  readonly all: FakeComment[] = []
  /** Whoever the token belongs to. */
  readonly author: FakeUser
  #nextId = 1

  constructor(author: FakeUser) {
    this.author = author
  }

  add(user: FakeUser, body: string): FakeComment {
    const comment = { id: this.#nextId++, user, body }
    this.all.push(comment)
    return comment
  }

  readonly routes: FakeRoutes = {
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': ({ query }) => {
      const size = Number(query.get('per_page') ?? 30)
      const from = (Number(query.get('page') ?? 1) - 1) * size
      const next = from + size < this.all.length
      const page = this.all.slice(from, from + size)
      const link = `<http://127.0.0.1/next>; rel="next"`
      return { status: 200, body: page.map(shown), ...(next ? { headers: { link } } : {}) }
    },
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': ({ body }) =>
      tooLong(body) ?? { status: 201, body: shown(this.add(this.author, String(body?.body))) },
    'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ params, body }) => {
      const comment = this.all.find(({ id }) => String(id) === params.comment_id)
      if (comment === undefined) return { status: 404, body: { message: 'Not Found' } }
      const refused = tooLong(body)
      if (refused !== null) return refused
      comment.body = String(body?.body)
      return { status: 200, body: shown(comment) }
    },
    'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': ({ params }) => {
      const at = this.all.findIndex(({ id }) => String(id) === params.comment_id)
      if (at === -1) return { status: 404, body: { message: 'Not Found' } }
      this.all.splice(at, 1)
      return { status: 204 }
    },
  }
}

function tooLong(body: Readonly<Record<string, unknown>> | null) {
  if (Buffer.byteLength(String(body?.body)) <= 65_536) return null
  const message = 'Body is too long (maximum is 65536 characters)'
  return {
    status: 422,
    body: {
      message: 'Validation Failed',
      documentation_url: 'https://docs.github.com',
      errors: [{ code: 'custom', message }],
    },
  }
}

function shown({ id, user, body }: FakeComment) {
  return {
    id,
    node_id: `C${id}`,
    url: `https://api.github.com/repos/acme/ops/issues/comments/${id}`,
    html_url: `https://github.com/acme/ops/pull/7#issuecomment-${id}`,
    issue_url: 'https://api.github.com/repos/acme/ops/issues/7',
    body,
    user: simpleUser(user),
    created_at: '2026-11-22T02:00:00Z',
    updated_at: '2026-11-22T02:00:00Z',
    author_association: 'CONTRIBUTOR',
  }
}
