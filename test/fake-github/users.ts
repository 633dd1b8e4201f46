import type { FakeRoutes } from './fake-github'

export interface FakeUser {
  readonly login: string
  readonly id: number
}

export const ACTIONS_BOT: FakeUser = { login: 'github-actions[bot]', id: 41_898_282 }
export const MALLORY: FakeUser = { login: 'mallory', id: 666 }
export const OCTOCAT: FakeUser = { login: 'octocat', id: 583_231 }

/** `person: null`: the token of a job or of an app, which may not ask who it is. */
export function userRoutes(person: FakeUser | null): FakeRoutes {
  return {
    'GET /user': () =>
      person === null
        ? { status: 403, body: { message: 'Resource not accessible by integration' } }
        : { status: 200, body: wholeUser(person) },
    'GET /users/{username}': ({ params }) => {
      const user = [ACTIONS_BOT, MALLORY, OCTOCAT].find(({ login }) => login === params.username)
      return user === undefined
        ? { status: 404, body: { message: 'Not Found' } }
        : { status: 200, body: wholeUser(user) }
    },
  }
}

export function simpleUser({ login, id }: FakeUser) {
  const at = `https://api.github.com/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: `U${id}`,
    avatar_url: 'https://avatars.githubusercontent.com/u/1',
    gravatar_id: '',
    url: at,
    html_url: `https://github.com/${encodeURIComponent(login)}`,
    followers_url: `${at}/followers`,
    following_url: `${at}/following{/other_user}`,
    gists_url: `${at}/gists{/gist_id}`,
    starred_url: `${at}/starred{/owner}{/repo}`,
    subscriptions_url: `${at}/subscriptions`,
    organizations_url: `${at}/orgs`,
    repos_url: `${at}/repos`,
    events_url: `${at}/events{/privacy}`,
    received_events_url: `${at}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  }
}

function wholeUser(user: FakeUser) {
  return {
    ...simpleUser(user),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: '2018-07-30T00:00:00Z',
    updated_at: '2018-07-30T00:00:00Z',
  }
}
