import { randomBytes } from 'node:crypto'

/**
 * The only text that the login shell of a host ever reads: a shell of ours that lives as long as the connection, so that
 * a question costs no session, login shell and sudo of its own. It holds no quote, `!`, newline or backslash that sh, csh
 * and fish read differently. It throws input away up to `@go <token>` (so a sudo password that nobody asked for is lost,
 * H20), takes `size` bytes of payload, and runs it in a shell below itself, only if it came whole: it must end in
 * `#<token>`. Both streams say where the answer begins and ends. Then it waits for the next.
 */
const READER =
  'unset TMOUT; b() { printf "%b@%s%b" "\\012" "$t" "\\012"; }; e() { printf "#%s %s%b" "$t" "$r" "\\012"; }; ' +
  'while IFS= read -r l; do case $l in "@go "*) ;; *) continue;; esac; t=${l#@go }; IFS= read -r n; p=$(head -c "$n"); ' +
  'case $p in *"#$t") ;; *) exit 64;; esac; b; b >&2; ( eval "$p" ) </dev/null; r=$?; e; e >&2; done'

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
  /** 128 random bits that motd, .bashrc and the payload's output cannot know. */
  readonly token: string
  readonly input: string
}

/** What is written to standard input of `bootCommand` so that `payload` runs. */
export function envelope(payload: string): Envelope {
  const token = randomBytes(16).toString('hex')
  const body = `${PRELUDE}\n${payload}\n#${token}`
  return { token, input: `@go ${token}\n${Buffer.byteLength(body)}\n${body}` }
}
