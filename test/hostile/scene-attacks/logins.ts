import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import type { SceneAttack } from '../scene-attack'

/** sshd may be punishing: who is hung up on waits 20 s before each of two further tries (H37). */
const PATIENT_MS = 150_000

const UNREACHABLE = { must: 'the host is unreachable', verdicts: ['unreachable'] } as const

/** Without SSH: what comes over the bare connection. */
const socket = (id: string, does: string, onSocket: (socket: Socket) => void): SceneAttack => ({
  id: `tcp-${id}`,
  where: 'ssh',
  does,
  ...UNREACHABLE,
  limitMs: PATIENT_MS,
  rogue: { onSocket },
})

function pour(to: Socket, chunk: string | Buffer): void {
  const more = () => {
    while (!to.destroyed && to.write(chunk)) {
      // Until it is no longer taken.
    }
  }
  to.on('drain', more)
  more()
}

const packet = (length: number, rest: Buffer) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(length)
  head.writeUInt8(4, 4)
  return Buffer.concat([head, rest])
}

export const socketAttacks: readonly SceneAttack[] = [
  socket('closes', 'closes every connection at once', (to) => void to.destroy()),
  socket('resets', 'resets every connection', (to) => void to.resetAndDestroy()),
  socket('other-protocol', 'speaks HTTP', (to) => void to.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  socket('old-protocol', 'speaks SSH 1', (to) => void to.end('SSH-1.5-old\r\n')),
  socket('banner-without-end', 'sends lines before its greeting without end', (to) =>
    pour(to, 'welcome\r\n'.repeat(2_000)),
  ),
  socket('line-without-end', 'sends a greeting of one line without end', (to) => {
    to.write('SSH-2.0-')
    pour(to, 'x'.repeat(64 * 1024))
  }),
  socket('noise', 'sends random bytes without end', (to) => pour(to, randomBytes(64 * 1024))),
  socket('zeros', 'sends zeros without end after its greeting', (to) => {
    to.write('SSH-2.0-rogue\r\n')
    pour(to, Buffer.alloc(64 * 1024))
  }),
  socket('giant-packet', 'announces a packet of 2 GiB and begins to send it', (to) => {
    to.write('SSH-2.0-rogue\r\n')
    to.write(packet(0x7fffffff, Buffer.alloc(1024)))
    pour(to, Buffer.alloc(64 * 1024))
  }),
  socket('tiny-packet', 'announces a packet of no bytes', (to) => {
    to.write('SSH-2.0-rogue\r\n')
    to.write(packet(0, Buffer.alloc(0)))
    pour(to, packet(0, Buffer.alloc(1024)))
  }),
  socket('unknown-messages', 'sends messages of unknown kinds instead of a key exchange', (to) => {
    to.write('SSH-2.0-rogue\r\n')
    const body = Buffer.alloc(12, 0xff)
    pour(to, packet(12, body.subarray(0, 11)))
  }),
  socket('disconnect-text', 'says goodbye in terminal sequences and workflow commands', (to) => {
    const text = Buffer.from('\x1b[2J\x1b]0;owned\x07\n::error::owned\n##[error]owned')
    const body = Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), word(text), word(Buffer.alloc(0))])
    const pad = 8 - ((5 + body.length) % 8) + 8
    const head = Buffer.alloc(5)
    head.writeUInt32BE(1 + body.length + pad)
    head.writeUInt8(pad, 4)
    to.write('SSH-2.0-rogue\r\n')
    to.end(Buffer.concat([head, body, Buffer.alloc(pad)]))
  }),
]

function word(text: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(text.length)
  return Buffer.concat([size, text])
}

export const loginAttacks: readonly SceneAttack[] = [
  {
    id: 'login-refused',
    where: 'login',
    does: 'refuses the key, and offers a password and questions',
    ...UNREACHABLE,
    rogue: { onLogin: (login) => login.reject(['password', 'keyboard-interactive']) },
  },
  {
    id: 'login-partial-for-ever',
    where: 'login',
    does: 'takes the key, and says each time that more is needed',
    ...UNREACHABLE,
    rogue: { onLogin: (login) => login.reject(['publickey'], true) },
  },
  {
    id: 'login-questions',
    where: 'login',
    does: 'asks questions without end instead of judging the key',
    ...UNREACHABLE,
    rogue: {
      onLogin: (login) => {
        if (login.method !== 'keyboard-interactive') return login.reject(['keyboard-interactive'])
        const ask = (): void => login.prompt([{ prompt: 'sudo password: ', echo: false }], ask)
        ask()
      },
    },
  },
  {
    id: 'login-none',
    where: 'login',
    does: 'accepts a login without looking at any key, and serves nothing',
    ...UNREACHABLE,
    rogue: { onLogin: (login) => login.accept(), onSession: () => undefined },
    limitMs: PATIENT_MS,
  },
  {
    id: 'login-banner-text',
    where: 'text',
    does: 'greets with terminal sequences and workflow commands',
    must: 'the greeting is not shown, the host is maintained',
    verdicts: ['live'],
    rogue: { banner: HOSTILE_TEXT },
    also: (_, outcome) => requirePlainLog(outcome.log),
  },
  {
    id: 'login-banner-long',
    where: 'login',
    does: 'greets with 8 MB of text',
    must: 'the host is maintained, or unreachable',
    verdicts: ['live', 'unreachable'],
    rogue: { banner: 'welcome\r\n'.repeat(3_000) },
  },
  {
    id: 'session-refused',
    where: 'ssh',
    does: 'refuses every session',
    ...UNREACHABLE,
    rogue: { onSession: (session) => session.on('exec', (_accept, reject) => reject()) },
  },
  {
    id: 'session-closes',
    where: 'ssh',
    does: 'closes every session as it begins',
    ...UNREACHABLE,
    rogue: { onSession: (session) => session.on('exec', (accept) => accept().close()) },
  },
  {
    id: 'session-exits',
    where: 'ssh',
    does: 'says that each command ended well, and runs none',
    ...UNREACHABLE,
    rogue: {
      onSession: (session) =>
        session.on('exec', (accept) => {
          const channel = accept()
          channel.exit(0)
          channel.end()
        }),
    },
  },
  {
    id: 'session-exits-false',
    where: 'ssh',
    does: 'ends each command by a signal that no system knows, with a message in terminal sequences',
    ...UNREACHABLE,
    rogue: {
      onSession: (session) =>
        session.on('exec', (accept) => {
          const channel = accept()
          channel.exit('OWNED\x1b[2J', true, HOSTILE_TEXT)
          channel.end()
        }),
    },
    also: (_, outcome) => requirePlainLog(outcome.log),
  },
  {
    id: 'channels-back',
    where: 'ssh',
    does: 'opens channels back to the runner: forwarded ports, X11, its agent',
    must: 'none is opened, the host is maintained',
    verdicts: ['live'],
    rogue: {
      onReady: (client) => {
        for (let i = 0; i < 200; i++) {
          client.forwardOut('127.0.0.1', 22, '127.0.0.1', 1, () => undefined)
          client.x11('127.0.0.1', 6000, () => undefined)
          client.openssh_forwardOutStreamLocal('/run/agent', () => undefined)
        }
      },
    },
  },
  {
    id: 'rekeys',
    where: 'ssh',
    does: 'wants new keys again and again',
    must: 'the host is maintained, or unreachable',
    verdicts: ['live', 'unreachable'],
    rogue: {
      onReady: (client) => {
        let left = 20
        const again = () => {
          if (left-- > 0) client.rekey(() => setTimeout(again, 20))
        }
        again()
      },
    },
  },
]
