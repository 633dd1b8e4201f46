import { describeGithubError, type Github, githubStatus } from '../github'
import { commentMarker } from './comment-body'
import type { PullRequest } from './pull-request'

/** `refused`: the token may not write here, as in a pull request from a fork. `failed`: GitHub is in trouble. */
export type Commented =
  | { readonly kind: 'written' | 'unchanged' }
  | { readonly kind: 'refused' | 'failed'; readonly why: string }

/**
 * Our one comment on this maintenance file: updated in place, or made. It is ours by its marker and by the id of its
 * author, so that nobody else's comment is taken for it (H13). Never throws: a comment can change no verdict.
 */
export async function keepComment(
  github: Github,
  request: PullRequest,
  file: string,
  body: string,
): Promise<Commented> {
  try {
    return await keep(github, request, commentMarker(file), body)
  } catch (error) {
    const status = githubStatus(error)
    return { kind: status === 403 || status === 404 ? 'refused' : 'failed', why: describeGithubError(error) }
  }
}

interface Comment {
  readonly id: number
  readonly authorId: number | null
  readonly body: string
}

async function keep(github: Github, request: PullRequest, marker: string, body: string): Promise<Commented> {
  const { owner, repo } = request
  const marked = await markedComments(github, request, marker)
  const ownId = marked.length === 0 ? null : await ownAuthorId(github)
  const [own, ...twins] = marked.filter(({ authorId }) => authorId !== null && authorId === ownId)
  for (const twin of twins) await github.rest.issues.deleteComment({ owner, repo, comment_id: twin.id })
  if (own !== undefined) {
    if (own.body === body) return { kind: 'unchanged' }
    await github.rest.issues.updateComment({ owner, repo, comment_id: own.id, body })
    return { kind: 'written' }
  }
  const { data: made } = await github.rest.issues.createComment({ owner, repo, issue_number: request.number, body })
  // The token of an app cannot ask who it is: the comment just made says so. An older one of the same author goes.
  const older = marked.filter(({ authorId }) => authorId !== null && authorId === made.user?.id)
  for (const { id } of older) await github.rest.issues.deleteComment({ owner, repo, comment_id: id })
  return { kind: 'written' }
}

async function markedComments(github: Github, request: PullRequest, marker: string): Promise<readonly Comment[]> {
  const { owner, repo, number } = request
  const marked: Comment[] = []
  for (let page = 1; ; page++) {
    const { data } = await github.rest.issues.listComments({ owner, repo, issue_number: number, per_page: 100, page })
    for (const { id, user, body = '' } of data)
      if (body.startsWith(marker)) marked.push({ id, authorId: user?.id ?? null, body })
    if (data.length < 100) return marked
  }
}

/** Who the token speaks for; the token of a job may not ask, and speaks for the bot of GitHub Actions. */
async function ownAuthorId(github: Github): Promise<number | null> {
  try {
    return (await github.rest.users.getAuthenticated()).data.id
  } catch (error) {
    if (githubStatus(error) !== 403) throw error
    return botId(github)
  }
}

async function botId(github: Github): Promise<number | null> {
  try {
    return (await github.rest.users.getByUsername({ username: 'github-actions[bot]' })).data.id
  } catch (error) {
    if (githubStatus(error) !== 404) throw error
    return null
  }
}
