import type { FakeRoutes } from './fake-github'

/** Files of the repository by `<ref>:<path>`. */
export function contentRoutes(files: ReadonlyMap<string, string>): FakeRoutes {
  return {
    'GET /repos/{owner}/{repo}/contents/{path}': ({ params, query }) => {
      const path = params.path ?? ''
      const text = files.get(`${query.get('ref')}:${path}`)
      if (text === undefined)
        return {
          status: 404,
          body: { message: 'Not Found', documentation_url: 'https://docs.github.com', status: '404' },
        }
      const url = `https://api.github.com/repos/acme/ops/contents/${path}`
      return {
        status: 200,
        body: {
          type: 'file',
          encoding: 'base64',
          size: Buffer.byteLength(text),
          name: path.split('/').at(-1),
          path,
          content: `${Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n')}\n`,
          sha: '0'.repeat(40),
          url,
          git_url: null,
          html_url: null,
          download_url: null,
          _links: { git: null, html: null, self: url },
        },
      }
    },
  }
}
