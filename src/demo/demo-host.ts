import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { connect, createServer, type Socket, type Server as TcpServer } from 'node:net'
import ssh2, { type AuthContext, type Connection, type ParsedKey, type ServerChannel, type Session } from 'ssh2'
import { childEnv } from '../host/child-env'
import type { LoginIds } from './throw-away'

export interface DemoHostOptions {
  readonly address: string
  /** Private host key, OpenSSH text. */
  readonly hostKey: string
  /** The only key that may log in. */
  readonly allowed: ParsedKey
  /** HOME of every command, and the folder it begins in. */
  readonly home: string
  readonly ids: LoginIds
  /** Added to the environment of every command. */
  readonly env: Readonly<Record<string, string>>
}

/**
 * One host of the demo: an SSH server inside this process that speaks the real protocol and runs commands by /bin/sh in
 * the host's throw-away folder. It answers one key, and listens on loopback only.
 */
export class DemoHost implements AsyncDisposable {
  readonly #options: DemoHostOptions
  readonly #ssh: InstanceType<typeof ssh2.Server>
  readonly #listener: TcpServer
  readonly #sockets = new Set<Socket>()

  private constructor(options: DemoHostOptions) {
    this.#options = options
    this.#ssh = new ssh2.Server({ hostKeys: [options.hostKey] }, (client) => this.#serve(client))
    // ssh2 would leave Nagle's delay on.
    this.#listener = createServer({ noDelay: true }, (socket) => this.#take(socket))
  }

  static async start(options: DemoHostOptions): Promise<DemoHost> {
    const host = new DemoHost(options)
    await new Promise<void>((resolve, reject) => {
      host.#listener.once('error', reject)
      host.#listener.listen(0, options.address, resolve)
    })
    return host
  }

  get port(): number {
    const at = this.#listener.address()
    if (at === null || typeof at === 'string') throw new Error('the host does not listen')
    return at.port
  }

  #take(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket)).on('error', () => undefined)
    this.#ssh.injectSocket(socket)
  }

  #serve(client: Connection): void {
    client.on('error', () => undefined)
    client.on('authentication', (login) => authenticate(login, this.#options.allowed))
    client.on('session', (accept) => this.#session(accept()))
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const target = connect({ host: destIP, port: destPort, noDelay: true })
      target.once('error', reject)
      target.once('connect', () => {
        target.off('error', reject)
        join(target, accept())
      })
    })
  }

  #session(session: Session): void {
    session.on('exec', (accept, _reject, { command }) => this.#run(command, accept()))
  }

  /** What a real machine does as it boots: runs a command without anybody being logged in. @throws where it fails */
  async boot(command: string): Promise<void> {
    const child = this.#shell(command)
    child.stdin.end()
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    const code = await new Promise<number | null>((resolve, reject) =>
      child.once('error', reject).once('close', resolve),
    )
    if (code !== 0) throw new Error(`a host of the demo did not boot: ${Buffer.concat(chunks).toString('utf8').trim()}`)
  }

  #shell(command: string): ChildProcessWithoutNullStreams {
    const { home, ids, env } = this.#options
    return spawn('/bin/sh', ['-c', command], {
      ...ids,
      cwd: home,
      // As after a real login: nothing of this process gets through but what every child may have.
      env: childEnv(process.env, { HOME: home, ...env }),
      // Ctrl-C is for the demo; its hosts must not lose a step half-way.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  #run(command: string, channel: ServerChannel): void {
    const child = this.#shell(command)
    for (const stream of [child.stdin, child.stdout, child.stderr, channel]) stream.on('error', () => undefined)
    channel.pipe(child.stdin)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    child.once('error', () => channel.exit(127))
    child.once('close', (code, signal) => {
      if (code === null) channel.exit((signal ?? 'SIGKILL').slice(3), false, '')
      else channel.exit(code)
      channel.end()
    })
    channel.once('close', () => {
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#listener.close(() => resolve()))
  }
}

/** One public key, whatever the user is called. The first round only asks whether it would do; the second signs. */
function authenticate(login: AuthContext, allowed: ParsedKey): void {
  if (isProved(login, allowed)) login.accept()
  else login.reject(['publickey'])
}

function isProved(login: AuthContext, allowed: ParsedKey): boolean {
  if (login.method !== 'publickey' || !login.key.data.equals(allowed.getPublicSSH())) return false
  if (login.signature === undefined || login.blob === undefined) return true
  return allowed.verify(login.blob, login.signature, login.hashAlgo) === true
}

function join(target: Socket, channel: ServerChannel): void {
  target.on('error', () => channel.destroy())
  channel.on('error', () => target.destroy())
  target.pipe(channel)
  channel.pipe(target)
  channel.once('close', () => target.destroy())
}
