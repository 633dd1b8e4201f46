import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createServer, type Socket, type Server as TcpServer } from 'node:net'
import ssh2, {
  type AuthContext,
  type Connection,
  type ParsedKey,
  type ServerChannel,
  type ServerConfig,
  type Session,
} from 'ssh2'
import type { KeyPair } from '../../src/demo/key-pair'
import { newKeyPair } from '../../src/demo/key-pair'
import type { LoginIds } from '../../src/demo/throw-away'
import { type Payload, type PayloadKind, PayloadParser } from './payloads'
import { RogueShell } from './rogue-shell'
import { honest, type Twist } from './turn'

export interface RogueOptions {
  /** HOME of its commands. */
  readonly home: string
  readonly allowed: ParsedKey
  readonly ids: LoginIds
  /** Where its commands find programs. */
  readonly path: string
  readonly twist?: Twist
  /** What it does with a login instead of accepting the right key. */
  readonly onLogin?: (login: AuthContext) => void
  /** Called for each connection, once it is logged in: what comes from the host's side unasked. */
  readonly onReady?: (client: Connection) => void
  /** Instead of a shell: what it does with a session. */
  readonly onSession?: (session: Session) => void
  /** Instead of SSH: what it does with a bare connection. */
  readonly onSocket?: (socket: Socket) => void
  readonly banner?: string
  readonly ident?: string
  readonly algorithms?: ServerConfig['algorithms']
}

/**
 * A target host in the hands of somebody else: an SSH server on loopback that runs the real programs by /bin/sh, in a folder
 * of its own, and does what it likes from a chosen payload on.
 */
export class RogueHost implements AsyncDisposable {
  readonly hostKey: KeyPair
  /** Everything that it was asked to run, on all connections. */
  readonly payloads: Payload[] = []
  /** Logins that were begun. */
  logins = 0
  readonly #o: RogueOptions
  readonly #listener: TcpServer
  readonly #sockets = new Set<Socket>()
  readonly #children = new Set<ChildProcessWithoutNullStreams>()
  readonly #seen = new Map<PayloadKind, number>()
  readonly #ssh: InstanceType<typeof ssh2.Server>

  private constructor(options: RogueOptions) {
    this.#o = options
    this.hostKey = newKeyPair('rogue')
    const { banner, ident, algorithms } = options
    this.#ssh = new ssh2.Server(
      {
        hostKeys: [this.hostKey.private],
        ...(banner === undefined ? {} : { banner }),
        ...(ident === undefined ? {} : { ident }),
        ...(algorithms === undefined ? {} : { algorithms }),
      },
      (client) => this.#serve(client),
    )
    this.#listener = createServer({ noDelay: true }, (socket) => this.#take(socket))
  }

  static async start(options: RogueOptions): Promise<RogueHost> {
    const host = new RogueHost(options)
    await new Promise<void>((resolve, reject) => {
      host.#listener.once('error', reject)
      host.#listener.listen(0, '127.0.0.1', resolve)
    })
    return host
  }

  get port(): number {
    const at = this.#listener.address()
    if (at === null || typeof at === 'string') throw new Error('the rogue host does not listen')
    return at.port
  }

  /** Its line of known_hosts. */
  get knownHosts(): string {
    const [type, data] = this.hostKey.public.split(' ')
    return `[127.0.0.1]:${this.port} ${type} ${data}`
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket)).on('error', () => undefined)
    if (this.#o.onSocket === undefined) this.#ssh.injectSocket(socket)
    else this.#o.onSocket(socket)
  }

  #serve(client: Connection): void {
    client.on('error', () => undefined)
    client.on('authentication', (login) => this.#login(login))
    client.on('ready', () => this.#o.onReady?.(client))
    client.on('session', (accept) => this.#session(client, accept()))
  }

  #login(login: AuthContext): void {
    this.logins += 1
    if (this.#o.onLogin !== undefined) this.#o.onLogin(login)
    else if (login.method === 'publickey' && login.key.data.equals(this.#o.allowed.getPublicSSH())) login.accept()
    else login.reject(['publickey'])
  }

  #session(client: Connection, session: Session): void {
    if (this.#o.onSession !== undefined) this.#o.onSession(session)
    else session.on('exec', (accept, _reject, { command }) => this.#shell(client, command, accept()))
  }

  #shell(client: Connection, command: string, channel: ServerChannel): void {
    const child = this.#spawn(command)
    const shell = new RogueShell(child, channel, () => client.end())
    const parser = new PayloadParser()
    channel.on('data', (chunk: Buffer) => {
      for (const payload of parser.push(chunk)) this.#turn(shell, payload)
    })
    channel.on('end', () => child.stdin.end())
  }

  #turn(shell: RogueShell, payload: Payload): void {
    this.payloads.push(payload)
    const nth = this.#seen.get(payload.kind) ?? 0
    this.#seen.set(payload.kind, nth + 1)
    const twist = this.#o.twist ?? honest
    twist(shell.turn(payload, nth))
  }

  #spawn(command: string): ChildProcessWithoutNullStreams {
    const { home, ids, path } = this.#o
    const child = spawn('/bin/sh', ['-c', command], {
      ...ids,
      cwd: home,
      env: { PATH: path, HOME: home, LANG: 'C.UTF-8' },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return child
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    for (const child of this.#children) child.stdin.destroy()
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()))
  }
}
