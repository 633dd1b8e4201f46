import { randomBytes } from 'node:crypto'
import { type Duplex, PassThrough, Readable, type Writable } from 'node:stream'
import { ConnectError } from '../errors'
import { ChannelSocket } from './channel-socket'
import type { Channel, Transport } from './remote'
import { connectedLine, NO_TOOL, socketCommand } from './socket-command'

/** A TCP connection through a command on the machine, where sshd forbids forwarding. @throws ConnectError */
export async function dialByCommand(
  transport: Pick<Transport, 'exec'>,
  name: string,
  host: string,
  port: number,
  deadlineMs: number,
): Promise<Duplex> {
  // 128 bits that motd and .bashrc cannot know.
  const token = randomBytes(16).toString('hex')
  const channel = await transport.exec(socketCommand(host, port, token).text)
  void drain(channel.stderr)
  const output = Readable.from(channel.stdout, { objectMode: false })
  const timer = setTimeout(() => channel.close(), deadlineMs)
  const rest = await afterLine(output, connectedLine(token))
    // A stream that breaks off brought no line.
    .catch(() => null)
    .finally(() => clearTimeout(timer))
  if (rest === null) {
    // After the deadline, or with too much noise, the command still runs; else it has ended and the code is there.
    if (!output.readableEnded) channel.close()
    throw refusal(name, host, port, await channel.exit)
  }
  const socket = new ChannelSocket(prefixed(rest, output), channel.stdin as Writable, () => channel.close())
  return socket
}

function refusal(name: string, host: string, port: number, code: number | null): ConnectError {
  if (code === NO_TOOL) {
    return new ConnectError(`${name}: sshd forbids forwarding, and the host has no bash, socat or nc to connect with`, {
      hint: 'set AllowTcpForwarding to yes or local for the maintenance user, or install socat on the host',
    })
  }
  return new ConnectError(`${name}: ${host}:${port} cannot be reached from there`)
}

/** What came after `line`; null when the output ended without it. At most 64 KiB of noise before it. */
async function afterLine(output: Readable, line: string): Promise<Buffer | null> {
  let seen = Buffer.alloc(0)
  for await (const chunk of output.iterator({ destroyOnReturn: false })) {
    seen = Buffer.concat([seen, chunk as Buffer])
    const at = seen.indexOf(line)
    if (at >= 0) return seen.subarray(at + line.length)
    if (seen.length > 65_536) return null
  }
  return null
}

function prefixed(first: Buffer, rest: Readable): Readable {
  const all = new PassThrough()
  if (first.length > 0) all.write(first)
  rest.on('error', () => all.end())
  rest.pipe(all)
  return all
}

async function drain(stream: Channel['stderr']): Promise<void> {
  try {
    for await (const _ of stream) {
      // Nothing is told by it; unread it would stall the channel.
    }
  } catch {
    // Closing the channel breaks the stream off under its reader.
  }
}
