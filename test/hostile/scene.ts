import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { newKeyPair } from '../../src/demo/key-pair'
import {
  giveToLogin,
  loginIds,
  makeThrowAwayFolder,
  providePrograms,
  removeThrowAwayFolder,
} from '../../src/demo/throw-away'
import { RogueHost, type RogueOptions } from './rogue-host'
import { sceneFile } from './scene-file'

export const SCENE_HOSTS = ['web-1', 'web-2', 'db-1', 'lb-1'] as const
export type SceneName = (typeof SCENE_HOSTS)[number]

/** Values of the secrets that each group may use. */
export const WORDS = { BAD_WORD: 'bad-word-3141', GOOD_WORD: 'good-word-2718', DB_WORD: 'db-word-1618' } as const

let shared: string | null = null

/** The PATH of all hosts: made once for all scenes of a process, gone with it. */
function programs(): string {
  if (shared !== null) return shared
  const folder = makeThrowAwayFolder(loginIds())
  process.once('exit', () => removeThrowAwayFolder(folder))
  providePrograms(folder, loginIds())
  shared = folder
  return folder
}

/**
 * A fleet on loopback of which one host is in the hands of somebody else, and a runner with a workspace. The runner's files
 * lie deep in a folder of its own, so that whatever is written beside them is seen.
 */
export class Scene implements AsyncDisposable {
  readonly folder: string
  /** What the runner may see: workspace, home, keys. */
  readonly runner: string
  readonly workspace: string
  readonly hosts = new Map<SceneName, RogueHost>()
  readonly #ids = loginIds()
  readonly #login = newKeyPair('login')

  private constructor() {
    this.folder = makeThrowAwayFolder(this.#ids)
    this.runner = mkdtempSync(join(realpathSync(process.getuid?.() === 0 ? homedir() : tmpdir()), '.pitstop-hostile-'))
    this.workspace = join(this.runner, 'a/b/c/workspace')
  }

  static async start(rogue: Partial<Record<SceneName, Partial<RogueOptions>>> = {}): Promise<Scene> {
    const scene = new Scene()
    await scene.#build(rogue)
    return scene
  }

  homeOf(name: SceneName): string {
    return join(this.folder, name)
  }

  stateOf(name: SceneName): string {
    return join(this.homeOf(name), '.pitstop/state')
  }

  get keyFile(): string {
    return join(this.runner, 'keys/login')
  }

  host(name: SceneName): RogueHost {
    const host = this.hosts.get(name)
    if (host === undefined) throw new Error(`${name} was not started`)
    return host
  }

  async #build(rogue: Partial<Record<SceneName, Partial<RogueOptions>>>): Promise<void> {
    const allowed = ssh2.utils.parseKey(this.#login.public)
    if (allowed instanceof Error) throw allowed
    for (const name of SCENE_HOSTS) mkdirSync(join(this.homeOf(name), '.pitstop'), { recursive: true, mode: 0o700 })
    for (const name of SCENE_HOSTS) writeFileSync(join(this.homeOf(name), 'version'), '1\n')
    giveToLogin(this.folder, this.#ids)
    for (const name of SCENE_HOSTS) {
      const more = rogue[name] ?? {}
      const options = { home: this.homeOf(name), allowed, ids: this.#ids, path: programs(), ...more }
      this.hosts.set(name, await RogueHost.start(options))
    }
    this.#writeRunner(rogue['lb-1'] !== undefined)
  }

  /** Whatever was made below the host's home since belongs to its login. */
  settleDisk(): void {
    giveToLogin(this.folder, this.#ids)
  }

  #writeRunner(isBehindBalancer: boolean): void {
    for (const part of ['keys', 'home']) mkdirSync(join(this.runner, part))
    mkdirSync(this.workspace, { recursive: true })
    const known = SCENE_HOSTS.map((name) => this.host(name).knownHosts)
    writeFileSync(join(this.runner, 'keys/known_hosts'), `${known.join('\n')}\n`)
    writeFileSync(this.keyFile, this.#login.private, { mode: 0o600 })
    const at = (name: SceneName) => ({ name, port: this.host(name).port, home: this.homeOf(name) })
    const hosts = { 'web-1': at('web-1'), 'web-2': at('web-2'), 'db-1': at('db-1'), 'lb-1': at('lb-1') }
    writeFileSync(join(this.workspace, 'maintenance.yml'), sceneFile(hosts, isBehindBalancer))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.hosts.values()].map((host) => host[Symbol.asyncDispose]()))
    for (const folder of [this.folder, this.runner])
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}
