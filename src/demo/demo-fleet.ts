import { randomBytes, randomInt } from 'node:crypto'
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'
import { DemoHost } from './demo-host'
import { BALANCER_HOST, WEB_HOSTS } from './hosts'
import { newKeyPair } from './key-pair'
import { LoadBalancer } from './load-balancer'
import { endMarkedProcesses, MARK } from './marked-processes'
import { BALANCER, DEPLOY, maintenanceText, SERVER, SMOKE } from './texts'
import {
  giveToLogin,
  type LoginIds,
  loginIds,
  makeThrowAwayFolder,
  providePrograms,
  removeThrowAwayFolder,
} from './throw-away'

const OLD_LOG_BYTES = 2_000_000
const OLD_LOG_DAYS = 60

/** A small fleet on loopback: three web hosts behind a load balancer, all in one throw-away folder. */
export class DemoFleet implements AsyncDisposable {
  readonly folder: string
  /** Private key that logs in to every host. */
  readonly loginKey: string
  readonly #mark = randomBytes(16).toString('hex')
  readonly #ids: LoginIds
  readonly #allowed: ParsedKey
  readonly #hosts = new Map<string, DemoHost>()
  readonly #knownHosts: string[] = []
  readonly #keep: boolean
  #balancer: LoadBalancer | null = null

  private constructor(keep: boolean) {
    this.#ids = loginIds()
    this.#keep = keep
    const pair = newKeyPair('demo')
    this.loginKey = pair.private
    this.#allowed = parsedKey(pair.public)
    this.folder = makeThrowAwayFolder(this.#ids)
  }

  /** @param breaking the host whose new release does not work; null: all work */
  static async start(breaking: string | null, keep: boolean): Promise<DemoFleet> {
    const fleet = new DemoFleet(keep)
    try {
      await fleet.#build(breaking)
      return fleet
    } catch (error) {
      await fleet[Symbol.asyncDispose]()
      throw error
    }
  }

  get knownHosts(): string {
    return this.#knownHosts.join('\n')
  }

  /** Where users reach the service. */
  get url(): string {
    if (this.#balancer === null) throw new Error('the load balancer was not started')
    return this.#balancer.url
  }

  async #build(breaking: string | null): Promise<void> {
    const appPort = await freePort(WEB_HOSTS.map((host) => host.address))
    for (const { name, address } of WEB_HOSTS) this.#furnish(name, `${address} ${appPort}`, name === breaking)
    for (const part of ['out', 'state']) mkdirSync(join(this.folder, BALANCER_HOST.name, part), { recursive: true })
    giveToLogin(this.folder, this.#ids)
    mkdirSync(this.#programs)
    providePrograms(this.#programs, this.#ids)
    for (const host of [...WEB_HOSTS, BALANCER_HOST]) await this.#boot(host)
    this.#writeRepository(appPort)
    const deploy = join(this.repository, 'deploy.sh')
    await Promise.all(WEB_HOSTS.map(({ name }) => this.#hosts.get(name)?.boot(`sh '${deploy}' v1`)))
    const backends = WEB_HOSTS.map((host) => ({ ...host, port: appPort }))
    this.#balancer = await LoadBalancer.start(join(this.folder, BALANCER_HOST.name), backends)
  }

  /** The folder of a web host: two releases of the application, an old log. */
  #furnish(name: string, listen: string, isBroken: boolean): void {
    const home = join(this.folder, name)
    for (const part of ['log', 'app/releases/v1', 'app/releases/v2']) mkdirSync(join(home, part), { recursive: true })
    writeFileSync(join(home, 'app/listen'), `${listen}\n`)
    for (const version of ['v1', 'v2']) {
      const release = join(home, 'app/releases', version)
      writeFileSync(join(release, 'server.cjs'), SERVER)
      writeFileSync(
        join(release, 'release.json'),
        JSON.stringify({ version, status: isBroken && version === 'v2' ? 503 : 200 }),
      )
    }
    const log = join(home, 'log/app.log.old')
    writeFileSync(log, 'an old line\n'.repeat(OLD_LOG_BYTES / 12))
    const then = Date.now() / 1000 - OLD_LOG_DAYS * 86_400
    utimesSync(log, then, then)
  }

  async #boot({ name, address }: { name: string; address: string }): Promise<void> {
    const key = newKeyPair(name)
    const home = join(this.folder, name)
    const options = {
      address,
      hostKey: key.private,
      allowed: this.#allowed,
      home,
      ids: this.#ids,
      env: { [MARK]: this.#mark, PATH: this.#programs },
    }
    const host = await DemoHost.start(options)
    this.#hosts.set(name, host)
    const [type, data] = key.public.split(' ')
    this.#knownHosts.push(`[${address}]:${host.port} ${type} ${data}`)
  }

  /** What a user would have in a repository. */
  #writeRepository(appPort: number): void {
    const at = (host: { name: string; address: string }) => ({ ...host, port: this.#hosts.get(host.name)?.port ?? 0 })
    const text = maintenanceText({ root: this.folder, appPort, web: WEB_HOSTS.map(at), balancer: at(BALANCER_HOST) })
    const files = { 'maintenance.yml': text, 'deploy.sh': DEPLOY, 'smoke.sh': SMOKE, 'balancer.sh': BALANCER }
    mkdirSync(this.repository)
    for (const [file, content] of Object.entries(files)) writeFileSync(join(this.repository, file), content)
  }

  get #programs(): string {
    return join(this.folder, 'bin')
  }

  get repository(): string {
    return join(this.folder, 'repository')
  }

  /** Ends every process and server of the fleet, and removes its folder unless it is to be kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer?.[Symbol.asyncDispose]()
    await Promise.all([...this.#hosts.values()].map((host) => host[Symbol.asyncDispose]()))
    await endMarkedProcesses(this.#mark)
    if (!this.#keep) removeThrowAwayFolder(this.folder)
  }
}

function parsedKey(text: string): ParsedKey {
  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw key
  return key
}

/**
 * One port that is free on all addresses. It is given back before it is used, so it is drawn from those the kernel gives to
 * nobody by itself: two demos that begin at once would else be given the same.
 */
async function freePort(addresses: readonly string[]): Promise<number> {
  for (let tries = 0; ; tries++) {
    const servers: Server[] = []
    const port = randomInt(15_000, 32_000)
    try {
      for (const address of addresses) servers.push(await listening(address, port))
      return port
    } catch (error) {
      if (tries >= 20) throw error
    } finally {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
    }
  }
}

function listening(address: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(port, address, () => resolve(server))
  })
}
