import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FRESH, formatState, type HostState } from '../../src/host/state'

/** The run that the forged files speak of. */
const OLD_RUN = 'OLD'

/** A state folder on the disk of a host, prepared by whoever has taken the host over. Modes are those of an honest one. */
export class RogueDisk {
  readonly stateDir: string

  constructor(stateDir: string) {
    this.stateDir = stateDir
    mkdirSync(join(stateDir, 'undo'), { recursive: true, mode: 0o700 })
    mkdirSync(join(stateDir, 'runs'), { recursive: true, mode: 0o700 })
  }

  /** `path` is relative to the state folder; folders on the way are made. */
  file(path: string, text: string | Uint8Array): this {
    const whole = this.#placeOf(path)
    writeFileSync(whole, text, { mode: 0o600 })
    return this
  }

  /** A well-formed state: everything but `said` as on a host that nobody ever maintained. */
  state(said: Partial<HostState>): this {
    return this.file('state', formatState({ ...FRESH, run: OLD_RUN, token: 1, ...said }))
  }

  lease(said: Readonly<Record<string, string | number>>): this {
    const whole = { token: 1, owner: '', run: OLD_RUN, boot: 'x', up: 1, ttl: 600, url: '-', ...said }
    return this.file(
      'lease',
      Object.entries(whole)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    )
  }

  note(program: string, text: string, run = OLD_RUN): this {
    return this.file(`runs/${run}/${program}/note`, `${text}\n`)
  }

  records(program: string, text: string | Uint8Array, run = OLD_RUN): this {
    return this.file(`runs/${run}/${program}/rec`, text).file(`runs/${run}/${program}/live`, '')
  }

  undo(name: string, text: string): this {
    return this.file(`undo/${name}`, text)
  }

  link(path: string, target: string): this {
    symlinkSync(target, this.#placeOf(path))
    return this
  }

  /** Opened for reading it waits for ever: nobody writes. */
  fifo(path: string): this {
    execFileSync('mkfifo', [this.#placeOf(path)])
    return this
  }

  /** So long, of zeros, and it takes no room on this machine. */
  huge(path: string, bytes: number): this {
    this.file(path, '')
    truncateSync(join(this.stateDir, path), bytes)
    return this
  }

  folder(path: string): this {
    mkdirSync(this.#placeOf(path), { recursive: true, mode: 0o700 })
    return this
  }

  #placeOf(path: string): string {
    const whole = join(this.stateDir, path)
    mkdirSync(dirname(whole), { recursive: true, mode: 0o700 })
    return whole
  }
}

/** JSON that nests so deep: `[[[…]]]`. */
export const deepJson = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
