import { randomBytes } from 'node:crypto'

/**
 * The only text that the login shell of a host ever reads. It holds no quote, `!`, newline or backslash that sh, csh and
 * fish read differently. It throws input away up to `@go <token>` (so a sudo password that nobody asked for is lost, H20),
 * takes `size` bytes of payload, and runs it only if it came whole: it must end in `#<token>`.
 */
const READER =
  'while IFS= read -r l; do case $l in "@go "*) break;; esac; done; ' +
  'case $l in "@go "*) ;; *) exit 64;; esac; t=${l#@go }; IFS= read -r n; p=$(head -c "$n"); ' +
  'case $p in *"#$t") ;; *) exit 64;; esac; m() { printf "%b@%s%b" "\\012" "$t" "\\012"; }; m; m >&2; eval "$p"'

/** `none`: as the login user. `sudo`: `sudo -n` works. `sudo-password`: the password goes first on standard input. */
export type Elevation = 'none' | 'sudo' | 'sudo-password'

export function bootCommand(elevation: Elevation): string {
  const sudo = { none: '', sudo: 'sudo -n ', 'sudo-password': 'sudo -k -S -p "" ' }[elevation]
  return `${sudo}sh -c '${READER}'`
}

/** Before every payload: a known locale, no start files, system tools in reach, files for the owner only. */
const PRELUDE =
  'LC_ALL=C; export LC_ALL; TERM=dumb; unset ENV CDPATH BASH_ENV; IFS=" \t\n"; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; umask 077'

export interface Envelope {
  /** 128 random bits that motd and .bashrc cannot know: our output begins after the line `@<token>`. */
  readonly token: string
  readonly input: string
}

/** What is written to standard input of `bootCommand` so that `payload` runs. */
export function envelope(payload: string, sudoPassword?: string): Envelope {
  const token = randomBytes(16).toString('hex')
  const body = `${PRELUDE}\n${payload}\n#${token}`
  const first = sudoPassword === undefined ? '' : `${sudoPassword}\n`
  return { token, input: `${first}@go ${token}\n${Buffer.byteLength(body)}\n${body}` }
}

/** Drops everything up to and including the line `@<token>`; login noise before it is none of ours. */
export class AfterToken {
  readonly #mark: Buffer
  #before: Buffer | null = Buffer.alloc(0)

  constructor(token: string) {
    this.#mark = Buffer.from(`\n@${token}\n`)
  }

  get seen(): boolean {
    return this.#before === null
  }

  push(chunk: Uint8Array): Buffer {
    if (this.#before === null) return Buffer.from(chunk)
    const all = Buffer.concat([this.#before, chunk])
    const at = all.indexOf(this.#mark)
    if (at < 0) {
      // Only a tail as long as the mark can still become the mark: a noisy shell does not grow our memory.
      this.#before = all.subarray(Math.max(0, all.length - this.#mark.length))
      return Buffer.alloc(0)
    }
    this.#before = null
    return all.subarray(at + this.#mark.length)
  }
}
