import { ConnectError, NoRootError } from '../errors'
import { AfterToken, bootCommand, type Elevation, envelope } from './bootstrap'
import type { Transport } from './remote'

/** Who we are on the machine, and which machine it is. */
export interface Hello {
  readonly uid: number
  readonly home: string
  readonly machineId: string
  readonly bootId: string
  readonly systemd: boolean
}

const HELLO = `m=; { read -r m </etc/machine-id; } 2>/dev/null; b=; { read -r b </proc/sys/kernel/random/boot_id; } 2>/dev/null
s=no; [ -d /run/systemd/system ] && command -v systemd-run >/dev/null && s=yes
printf 'uid=%s\\nhome=%s\\nmachine=%s\\nboot=%s\\nsystemd=%s\\nend\\n' "$(id -u)" "$HOME" "$m" "$b" "$s"`

/** Finds the way to root that the file asks for: none, `sudo -n`, or once with the password (H20). */
export async function elevate(
  transport: Transport,
  become: 'sudo' | 'none',
  sudoPassword: string | undefined,
): Promise<{ elevation: Elevation; hello: Hello }> {
  const first = await greet(transport, become === 'sudo' ? 'sudo' : 'none', undefined)
  if (first !== null) return { elevation: become === 'sudo' && first.uid === 0 ? 'sudo' : 'none', hello: first }
  const login = await greet(transport, 'none', undefined)
  if (login === null)
    throw new ConnectError('the login works, but the host did not answer a simple command', {
      hint: 'It needs a POSIX sh, head and id.',
    })
  if (login.uid === 0) return { elevation: 'none', hello: login }
  if (become === 'none') return { elevation: 'none', hello: login }
  if (sudoPassword === undefined) {
    throw new NoRootError('sudo asks for a password (or is refused), and no sudo-password was given', {
      hint: 'Allow `sudo -n` for this user, give the input sudo-password, or set `become: none`.',
    })
  }
  const root = await greet(transport, 'sudo-password', sudoPassword)
  if (root === null || root.uid !== 0)
    throw new NoRootError('sudo refused the password', {
      hint: 'Check the input sudo-password and the sudoers of the host.',
    })
  return { elevation: 'sudo-password', hello: root }
}

const GREETING_DEADLINE_MS = 30_000

async function greet(transport: Transport, elevation: Elevation, password: string | undefined): Promise<Hello | null> {
  const channel = await transport.exec(bootCommand(elevation))
  const { token, input } = envelope(HELLO, password)
  const timer = setTimeout(() => channel.close(), GREETING_DEADLINE_MS)
  try {
    channel.stdin.write(input)
    channel.stdin.end()
    const after = new AfterToken(token)
    const chunks: Buffer[] = []
    const drain = (async () => {
      for await (const _ of channel.stderr);
    })().catch(() => undefined)
    for await (const chunk of channel.stdout) chunks.push(after.push(chunk))
    await drain
    return (await channel.exit) === 0 ? parseHello(Buffer.concat(chunks).toString('utf8')) : null
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
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
  }
}
