import { ConnectError, NoRootError } from '../errors'
import { inputWord } from '../show/input-words'
import { abortable } from './abortable'
import type { Elevation } from './bootstrap'
import { ByteQueue } from './bounds/byte-queue'
import { HostShell } from './host-shell'
import type { Transport } from './remote'

/** Who we are on the machine, and which machine it is. */
export interface Hello {
  readonly uid: number
  readonly home: string
  readonly machineId: string
  readonly bootId: string
  readonly systemd: boolean
  /** sudo keeps what is given to the shell that runs as root (`log_input`): a secret in it would lie in that log. */
  readonly sudoKeepsInput: boolean
}

/**
 * sudo says it of the rules for a user, to root without a password (sudo(8), -l -U). Where it cannot be asked, the log that
 * the sudo above this shell has open tells it (sudoers(5), I/O LOG FILES).
 */
const SUDO_LOG = `k=no; if [ -n "$SUDO_USER" ]; then
  sudo -n -l -U "$SUDO_USER" 2>/dev/null | grep -Eq '(^|[^!A-Za-z_])(log_input|log_stdin|log_ttyin|LOG_INPUT)' && k=yes
  p=$PPID; for i in 1 2 3; do case $p in ''|0|1|*[!0-9]*) break;; esac
    ls -l "/proc/$p/fd" 2>/dev/null | grep -Eq '/(stdin|ttyin)$' && k=yes
    p=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$p/status" 2>/dev/null); done
fi`

const HELLO = `m=; { read -r m </etc/machine-id; } 2>/dev/null; b=; { read -r b </proc/sys/kernel/random/boot_id; } 2>/dev/null
s=no; [ -d /run/systemd/system ] && command -v systemd-run >/dev/null && s=yes
${SUDO_LOG}
printf 'uid=%s\\nhome=%s\\nmachine=%s\\nboot=%s\\nsystemd=%s\\nsudo-keeps=%s\\nend\\n' "$(id -u)" "$HOME" "$m" "$b" "$s" "$k"`

interface Greeted {
  readonly shell: HostShell
  readonly hello: Hello
}

export interface Elevated extends Greeted {
  readonly elevation: Elevation
}

/**
 * Finds the way to root that the file asks for: none, `sudo -n`, or once with the password (H20).
 * @throws ConnectError | NoRootError, or the reason of `signal`: nobody who cancels waits for a host that does not greet
 */
export async function elevate(
  transport: Transport,
  become: 'sudo' | 'none',
  sudoPassword: string | undefined,
  signal: AbortSignal,
): Promise<Elevated> {
  const greet = (elevation: Elevation, password?: string) => greeting(transport, elevation, password, signal)
  const first = await greet(become === 'sudo' ? 'sudo' : 'none')
  if (first !== null) return { ...first, elevation: become === 'sudo' && first.hello.uid === 0 ? 'sudo' : 'none' }
  const login = become === 'none' ? null : await greet('none')
  if (login === null)
    throw new ConnectError('the login works, but the host did not answer a simple command', {
      hint: 'It needs a POSIX sh, head and id.',
    })
  if (login.hello.uid === 0) return { ...login, elevation: 'none' }
  login.shell.close()
  if (sudoPassword === undefined) {
    throw new NoRootError('sudo asks for a password (or is refused), and no sudo-password was given', {
      hint: `Allow \`sudo -n\` for this user, give ${inputWord('sudoPassword')}, or set \`become: none\`.`,
    })
  }
  const root = await greet('sudo-password', sudoPassword)
  if (root === null || root.hello.uid !== 0)
    throw new NoRootError('sudo refused the password', {
      hint: `Check ${inputWord('sudoPassword')} and the sudoers of the host.`,
    })
  return { ...root, elevation: 'sudo-password' }
}

const GREETING_DEADLINE_MS = 30_000
/** Twice what the longest path of a home folder makes of it. */
const HELLO_BYTES = 16_384

/** null: no such shell, or it does not answer. @throws ConnectError when not even a session could be had */
async function greeting(
  transport: Transport,
  elevation: Elevation,
  password: string | undefined,
  signal: AbortSignal,
): Promise<Greeted | null> {
  const shell = await abortable(HostShell.open(transport, elevation, password), signal)
  const said = new ByteQueue()
  const code = await shell.exchange({
    payload: HELLO,
    signal,
    deadlineMs: GREETING_DEADLINE_MS,
    mostBytes: HELLO_BYTES,
    onBytes: (bytes) => said.push(bytes),
  })
  const hello = code === 0 ? parseHello(said.take(HELLO_BYTES).toString('utf8')) : null
  if (hello === null) shell.close()
  signal.throwIfAborted()
  if (shell.flood !== null) throw new ConnectError(shell.flood)
  return hello === null ? null : { shell, hello }
}

function parseHello(text: string): Hello | null {
  const lines = text.split('\n')
  if (!lines.includes('end')) return null
  const value = (key: string) => lines.find((l) => l.startsWith(`${key}=`))?.slice(key.length + 1) ?? ''
  if (!/^\d{1,10}$/.test(value('uid'))) return null
  const word = (key: string) => (/^[A-Za-z0-9-]{1,64}$/.test(value(key)) ? value(key) : '')
  return {
    uid: Number(value('uid')),
    home: value('home'),
    machineId: word('machine'),
    bootId: word('boot'),
    systemd: value('systemd') === 'yes',
    sudoKeepsInput: value('sudo-keeps') === 'yes',
  }
}
