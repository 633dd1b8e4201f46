import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KnownKeys } from './host-key'
import { type KnownHostLine, keyTypeOf, knownHostName, linesFor } from './known-hosts'

/** A UNIX socket path must stay under 104 bytes everywhere; ssh adds a suffix of 17 while it makes the socket. */
const LONGEST_FOLDER = 80

const MET_BYTES = 2 ** 20

/**
 * Run by ssh while it verifies the host key (KnownHostsCommand): notes which key was met, so that we can tell by data and
 * not by message text why a connection failed; ends the connection where pins exist and the key is none of them; and
 * vouches for a pinned key of a host that known_hosts does not speak of. With both, ssh demands both (H17).
 */
const CHECK = `d=\${0%/*}
[ "$1" = HOSTNAME ] || exit 0
printf '%s\\n' "$5" >>"$d/met"
[ -e "$d/pins" ] || exit 0
grep -qxF -e "$4" "$d/pins" || exit 1
[ ! -e "$d/vouch" ] || printf '%s %s %s\\n' "$2" "$3" "$5"
`

/**
 * ssh asks this program for the passphrase, and gets it once: it waits in a pipe (see openssh-master), so that it is in no
 * file, and not in the environment of ssh, which proxy commands of an ssh_config would inherit.
 */
const ASKPASS = '#!/bin/sh\nd=${0%/*}\n[ -p "$d/passphrase" ] || exit 1\ncat "$d/passphrase"\nrm -f "$d/passphrase"\n'

export interface FolderContent {
  readonly known: KnownKeys
  /** Whole text of known-hosts where an ssh_config may rename hosts; else null: only the lines of this host are given. */
  readonly knownHostsText: string | null
  readonly privateKey: string | null
  readonly hasPassphrase: boolean
}

/** The private folder of one openssh connection (0700). */
export class OpensshFolder implements AsyncDisposable {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  static async make(content: FolderContent): Promise<OpensshFolder> {
    const base = tmpdir().length > LONGEST_FOLDER - 12 ? '/tmp' : tmpdir()
    const folder = new OpensshFolder(await mkdtemp(join(base, 'ps-')))
    try {
      await folder.#fill(content)
    } catch (error) {
      await folder[Symbol.asyncDispose]()
      throw error
    }
    return folder
  }

  async #fill({ known, knownHostsText, privateKey, hasPassphrase }: FolderContent): Promise<void> {
    const lines = linesFor(known.lines, known.address, known.port)
    await this.#write('known_hosts', knownHostsText ?? lines.map((line) => written(line, known)).join(''))
    await this.#write('check', CHECK)
    if (known.pins.length > 0) await this.#write('pins', `${known.pins.join('\n')}\n`)
    // A host that known_hosts speaks of must match there too: only another may be vouched for by its pin.
    if (lines.every((line) => line.marker === 'revoked')) await this.#write('vouch', '')
    if (privateKey !== null) await this.#write('key', `${privateKey.trim()}\n`)
    if (hasPassphrase) await writeFile(join(this.path, 'askpass'), ASKPASS, { mode: 0o700, flag: 'wx' })
  }

  /** Key blobs that the host presented, in order. */
  async met(): Promise<readonly Buffer[]> {
    const path = join(this.path, 'met')
    // A host that shows keys without end has shown none.
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    )
    const text = size > MET_BYTES ? '' : await readFile(path, 'utf8').catch(() => '')
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => Buffer.from(line, 'base64'))
  }

  /** After the login the key is needed no more. */
  async forgetKey(): Promise<void> {
    await rm(join(this.path, 'key'), { force: true })
    await rm(join(this.path, 'askpass'), { force: true })
    await rm(join(this.path, 'passphrase'), { force: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }

  async #write(name: string, text: string): Promise<void> {
    await writeFile(join(this.path, name), text, { mode: 0o600, flag: 'wx' })
  }
}

/** The line with the host's own name for all its patterns: exactly what our own reader found, no more. */
function written(line: KnownHostLine, { address, port }: KnownKeys): string {
  const marker = line.marker === 'plain' ? '' : `@${line.marker} `
  return `${marker}${knownHostName(address, port)} ${keyTypeOf(line.key)} ${line.key.toString('base64')}\n`
}
