import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'

/** `name=version`, one of demo-packages.ts. */
export type PackageChoice = `${string}=${string}`

/** What a host finds in its repositories besides the 1.0 of everything. */
export interface Offer {
  readonly main?: readonly PackageChoice[]
  /** In the archive that calls itself Debian-Security. */
  readonly security?: readonly PackageChoice[]
}

export interface AptRepository extends AsyncDisposable {
  /** sources.list of a host. */
  sourcesFor(host: string): string
  /** From the host's next `apt-get update` on. @throws for a package that the lab does not have */
  offer(host: string, offer: Offer): void
  /** While true every request of this host is answered with 503. */
  setDown(host: string, down: boolean): void
  /** Paths that were asked for, oldest first: `/<host>/...`. */
  readonly requests: readonly string[]
}

type Archive = 'main' | 'security'

/** Serves the .deb files of `folder` (made by `buildPackages`), to each host the versions that were offered to it. */
export async function serveAptRepository(folder: string, address: string): Promise<AptRepository> {
  const stanzas = parseStanzas(await readFile(join(folder, 'Packages'), 'utf8'))
  const born = [...stanzas.keys()].filter((choice) => choice.endsWith('=1.0'))
  const offers = new Map<string, Offer>()
  const down = new Set<string>()
  const requests: string[] = []

  const indexOf = (host: string, archive: Archive) =>
    [...(archive === 'main' ? born : []), ...(offers.get(host)?.[archive] ?? [])]
      .map((choice) => stanzas.get(choice) ?? '')
      .join('\n')

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://lab').pathname
    requests.push(path)
    const [, host = '', archive = '', ...rest] = path.split('/')
    if (down.has(host)) return end(response, 503, 'the repository is down\n')
    if (archive !== 'main' && archive !== 'security') return end(response, 404, 'no such archive\n')
    const name = rest.join('/')
    const index = indexOf(host, archive)
    if (name === `dists/${suites[archive]}/Release`) return end(response, 200, release(archive, index))
    if (name === `dists/${suites[archive]}/main/binary-all/Packages`) return end(response, 200, index)
    if (!/^[a-z0-9._-]+\.deb$/.test(rest.at(-1) ?? '')) return end(response, 404, 'no such file\n')
    createReadStream(join(folder, rest.at(-1) ?? ''))
      .on('error', () => end(response, 404, 'no such package\n'))
      .pipe(response)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, address, resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0

  return {
    requests,
    sourcesFor: (host) =>
      (['main', 'security'] as const)
        .map(
          (archive) =>
            `deb [trusted=yes arch=all] http://${address}:${port}/${host}/${archive} ${suites[archive]} main\n`,
        )
        .join(''),
    offer(host, offer) {
      for (const choice of [...(offer.main ?? []), ...(offer.security ?? [])]) {
        if (!stanzas.has(choice)) throw new Error(`the lab has no package ${choice}`)
      }
      offers.set(host, offer)
    },
    setDown: (host, isDown) => void (isDown ? down.add(host) : down.delete(host)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const suites = { main: 'stable', security: 'stable-security' } as const

function end(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function release(archive: Archive, index: string): string {
  const digest = createHash('sha256').update(index).digest('hex')
  return `${[
    'Origin: Debian',
    `Label: ${archive === 'security' ? 'Debian-Security' : 'Debian'}`,
    `Suite: ${suites[archive]}`,
    `Codename: bookworm${archive === 'security' ? '-security' : ''}`,
    `Date: ${new Date().toUTCString().replace('GMT', 'UTC')}`,
    'Architectures: all amd64',
    'Components: main',
    'SHA256:',
    ` ${digest} ${Buffer.byteLength(index)} main/binary-all/Packages`,
  ].join('\n')}\n`
}

function parseStanzas(packages: string): Map<string, string> {
  const stanzas = new Map<string, string>()
  for (const stanza of packages.split(/\n\n+/)) {
    const name = /^Package: (.*)$/m.exec(stanza)?.[1]
    const version = /^Version: (.*)$/m.exec(stanza)?.[1]
    if (name && version) stanzas.set(`${name}=${version}`, `${stanza.trim()}\n`)
  }
  return stanzas
}
