import type { FakeRoutes } from './fake-github'

/** Files of the repository by `<ref>:<path>`. */
export function contentRoutes(files: ReadonlyMap<string, string>): FakeRoutes {
  return {
    'GET /repos/{owner}/{repo}/contents/{path}': ({ params, query }) => {
      const path = params.path ?? ''
      const at = `${query.get('ref')}:${path}`
      const text = files.get(at)
      if (text !== undefined) {
        const content = `${Buffer.from(text).toString('base64').replace(/.{60}/g, '$&\n')}\n`
        return { status: 200, body: { ...entry(path, text), encoding: 'base64', content } }
      }
      const below = [...files].filter(([name]) => name.startsWith(`${at}/`))
      if (below.length > 0)
        return { status: 200, body: below.map(([name, inner]) => entry(name.slice(name.indexOf(':') + 1), inner)) }
      return {
        status: 404,
        body: { message: 'Not Found', documentation_url: 'https://docs.github.com', status: '404' },
      }
    },
  }
}

function entry(path: string, text: string) {
  const url = `https://api.github.com/repos/acme/ops/contents/${path}`
  return {
    type: 'file',
    size: Buffer.byteLength(text),
    name: path.split('/').at(-1),
    path,
    sha: '0'.repeat(40),
    url,
    git_url: null,
    html_url: null,
    download_url: null,
    _links: { git: null, html: null, self: url },
  }
}
