import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { ConnectError, HostKeyError, LoginRefused } from '../../../src/errors'
import { Dialers } from '../../../src/host/dialer'
import { OpensshTransport } from '../../../src/host/openssh'
import type { Transport } from '../../../src/host/remote'
import { freePort, makeKey, noSshd, type Sshd, startSshd } from '../sshd'
import { connectTo, failure, hostAt, never, type Overrides, run, testFolder } from './reach'

const openssh = (sshd: Sshd, { host, ...options }: Overrides = {}): Promise<Transport> =>
  connectTo(sshd, { host: { transport: 'openssh', ...host }, ...options })

const folders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('ps-'))

/** How many processes have the text on their command line. */
function processesNaming(text: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text)
    } catch {
      return false
    }
  }).length
}

describe.skipIf(noSshd() !== null)('transport openssh', () => {
  let sshd: Sshd
  let other: Sshd
  // A place for temporary files of our own: other tests, at the same time, make folders of the same name.
  const ownTemp = mkdtempSync(join(tmpdir(), 't-'))
  beforeAll(async () => {
    vi.stubEnv('TMPDIR', ownTemp)
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] })
    other = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    await other.stop()
    vi.unstubAllEnvs()
    rmSync(ownTemp, { recursive: true })
  })

  it('runs commands over one connection', async () => {
    const before = sshd.log().match(/Accepted publickey/g)?.length ?? 0
    await using transport = await openssh(sshd)
    expect(await run(transport, 'cat; echo err >&2; exit 3', 'in')).toEqual({ stdout: 'in', stderr: 'err\n', exit: 3 })
    expect((await run(transport, "echo 'two words'")).stdout).toBe('two words\n')
    expect(sshd.log().match(/Accepted publickey/g)?.length).toBe(before + 1)
  })

  it('keeps the key on the disk only until it is logged in, and nothing after the end', async () => {
    const transport = await openssh(sshd)
    if (!(transport instanceof OpensshTransport)) throw new Error('not openssh')
    const { folder } = transport.target
    expect(readdirSync(folder)).not.toContain('key')
    await transport[Symbol.asyncDispose]()
    expect(existsSync(folder)).toBe(false)
  })

  it('leaves nothing behind when the connection fails', async () => {
    const before = folders()
    await failure(openssh(sshd, { knownHosts: '' }))
    await failure(openssh(sshd, { credentials: { privateKey: other.clientKey.privateKey } }))
    expect(folders().filter((name) => !before.includes(name))).toEqual([])
  })

  it('refuses an unknown host, and shows how to pin it', async () => {
    const error = await failure(openssh(sshd, { knownHosts: '' }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect((error as HostKeyError).hint).toContain(`host_key: ["${sshd.fingerprint}"]`)
  })

  it('H17: refuses a changed key', async () => {
    const line = `[127.0.0.1]:${sshd.port} ${other.hostKeys[0]?.publicKey}`
    expect(await failure(openssh(sshd, { knownHosts: line }))).toBeInstanceOf(HostKeyError)
  })

  it('H17: refuses a revoked key that another line still allows', async () => {
    const revoked = `@revoked * ${other.hostKeys[0]?.publicKey}\n`
    const error = await failure(openssh(other, { knownHosts: other.knownHosts + revoked }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('@revoked')
  })

  it.each([0, 1, 2])('accepts host key %i by its pin alone, whatever key the server shows first', async (index) => {
    const pin = sshd.hostKeys[index]?.fingerprint ?? ''
    await using transport = await openssh(sshd, { knownHosts: '', host: { hostKey: [pin] } })
    expect((await run(transport, 'true')).exit).toBe(0)
  })

  it('H17: refuses a key that only one of pin and known-hosts knows', async () => {
    const ed25519 = sshd.knownHosts.split('\n')[0] ?? ''
    const rsaPin = { hostKey: [sshd.hostKeys[1]?.fingerprint ?? ''] }
    expect(await failure(openssh(sshd, { knownHosts: ed25519, host: rsaPin }))).toBeInstanceOf(HostKeyError)
    await using transport = await openssh(sshd, { host: rsaPin })
    expect((await run(transport, 'true')).exit).toBe(0)
  })

  it('accepts a host by a certificate authority, and another by none', async () => {
    const folder = testFolder()
    const authority = makeKey(folder, 'authority')
    const certified = await startSshd({ certifyHostKey: authority.path })
    const line = `@cert-authority [127.0.0.1]:* ${authority.publicKey}`
    await using transport = await openssh(certified, { knownHosts: line })
    expect((await run(transport, 'true')).exit).toBe(0)
    const foreign = `@cert-authority [127.0.0.1]:* ${other.clientKey.publicKey}`
    expect(await failure(openssh(certified, { knownHosts: foreign }))).toBeInstanceOf(ConnectError)
    const pinned = { hostKey: [certified.fingerprint] }
    await using both = await openssh(certified, { knownHosts: line, host: pinned })
    expect((await run(both, 'true')).exit).toBe(0)
    const wrongPin = { hostKey: [other.fingerprint] }
    expect(await failure(openssh(certified, { knownHosts: line, host: wrongPin }))).toBeInstanceOf(ConnectError)
    await certified.stop()
  })

  it('reports a refused login as such, after one try', async () => {
    const before = sshd.log().match(/Connection from/g)?.length ?? 0
    const credentials = { privateKey: other.clientKey.privateKey }
    const error = await failure(openssh(sshd, { credentials, retry: { attempts: 5, pauseMs: 10 } }))
    expect(error).toBeInstanceOf(LoginRefused)
    expect(sshd.log().match(/Connection from/g)?.length).toBe(before + 1)
  })

  it('reports an unreachable port', async () => {
    const error = await failure(openssh(sshd, { host: { port: await freePort() } }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error).not.toBeInstanceOf(LoginRefused)
    expect(error).not.toBeInstanceOf(HostKeyError)
  })

  it('opens a key with its passphrase', async () => {
    const key = makeKey(testFolder(), 'locked', 'ed25519', 'open $(sesame) "x"')
    const guarded = await startSshd({ authorized: [key.publicKey] })
    const credentials = { privateKey: key.privateKey, passphrase: 'open $(sesame) "x"' }
    await using transport = await openssh(guarded, { credentials })
    expect((await run(transport, 'true')).exit).toBe(0)
    await guarded.stop()
  })

  it('H3: a proxy command of an ssh_config finds the passphrase nowhere', async () => {
    const folder = testFolder()
    const passphrase = 'open-sesame-of-this-test'
    const key = makeKey(folder, 'locked', 'ed25519', passphrase)
    const guarded = await startSshd({ authorized: [key.publicKey] })
    const seen = join(folder, 'seen')
    const proxy = join(folder, 'proxy.sh')
    const through = `const s=require('net').connect(${guarded.port},'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout)`
    writeFileSync(
      proxy,
      `{ env; for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do tr '\\0' '\\n' <"$f"; done; } >${seen} 2>/dev/null\nexec ${process.execPath} -e "${through}"\n`,
    )
    const sshConfigPath = join(folder, 'ssh_config')
    writeFileSync(sshConfigPath, `Host *\n  ProxyCommand /bin/sh ${proxy}\n`)
    const credentials = { privateKey: key.privateKey, passphrase }
    await using transport = await openssh(guarded, { credentials, sshConfigPath })
    expect((await run(transport, 'true')).exit).toBe(0)
    // It did look: ssh itself is among what it saw.
    expect(readFileSync(seen, 'utf8')).toContain('SSH_ASKPASS=')
    expect(readFileSync(seen, 'utf8')).not.toContain(passphrase)
    await guarded.stop()
  })

  it('knows no exit code when a command ends with 255', async () => {
    await using transport = await openssh(sshd)
    expect((await run(transport, 'exit 255')).exit).toBeNull()
    expect((await run(transport, 'exit 254')).exit).toBe(254)
  })

  it('reaches a port from the point of view of the host, and never takes a closed one for open', async () => {
    const server = createServer((_, response) => response.end('hello'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    await using transport = await openssh(sshd)
    const socket = await transport.dial('127.0.0.1', port)
    socket.write('GET / HTTP/1.0\r\n\r\n')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toContain('hello')
    expect(await failure(transport.dial('127.0.0.1', await freePort()))).toBeInstanceOf(ConnectError)
    server.close()
  })

  it('goes through a jump host with both keys verified, and lets go of it at the end', async () => {
    const inner = await startSshd({ authorized: [sshd.clientKey.publicKey] })
    const fleet = (bastionPin: string, innerPin: string) =>
      new Map(
        [
          hostAt(sshd, { name: 'bastion', transport: 'openssh', hostKey: [bastionPin] }),
          hostAt(inner, { name: 'web-1', transport: 'openssh', jump: 'bastion', hostKey: [innerPin] }),
        ].map((host) => [host.name, host]),
      )
    const shared = () =>
      new Dialers({
        credentials: { privateKey: sshd.clientKey.privateKey },
        knownHosts: '',
        clock: systemClock,
        retry: { attempts: 1 },
      })
    const dial = (bastionPin: string, innerPin: string) => {
      const hosts = fleet(bastionPin, innerPin)
      const host = hosts.get('web-1')
      if (host === undefined) throw new Error('web-1')
      return shared().for(host, hosts).connect(never)
    }
    const before = folders()
    const transport = await dial(sshd.fingerprint, inner.fingerprint)
    expect((await run(transport, 'echo in')).stdout).toBe('in\n')
    await transport[Symbol.asyncDispose]()
    const first = await failure(dial(other.fingerprint, inner.fingerprint))
    expect(first).toBeInstanceOf(HostKeyError)
    expect(first.message).toContain('bastion')
    const second = await failure(dial(sshd.fingerprint, other.fingerprint))
    expect(second).toBeInstanceOf(HostKeyError)
    expect(second.message).toContain('web-1')
    await expect.poll(() => folders().filter((name) => !before.includes(name)), { timeout: 15_000 }).toEqual([])
    await inner.stop()
  })

  it('ends with our process, however that ends, and leaves no key behind', async () => {
    const before = folders()
    const script = join(testFolder(), 'hold.ts')
    const known = { name: 'web-1', address: '127.0.0.1', port: sshd.port, pins: [sshd.fingerprint], lines: [] }
    const content = { known, knownHostsText: null, privateKey: sshd.clientKey.privateKey, hasPassphrase: false }
    const target = {
      ...{
        address: '127.0.0.1',
        port: sshd.port,
        user: sshd.user,
        hasKey: true,
        hasPassphrase: false,
        configPath: null,
      },
      ...{ keepaliveMs: 15_000, keepaliveTries: 4, withoutTypes: [], proxyCommand: null },
    }
    const source = join(import.meta.dirname, '../../../src/host')
    writeFileSync(
      script,
      `import { OpensshFolder } from '${source}/openssh-folder'
       import { startMaster } from '${source}/openssh-master'
       void OpensshFolder.make(${JSON.stringify(content)}).then(({ path }) => {
         startMaster({ ...${JSON.stringify(target)}, folder: path }, {})
         console.log(path)
         setInterval(() => {}, 1000)
       })`,
    )
    const holder = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    const folder = await new Promise<string>((resolve, reject) => {
      holder.stdout.once('data', (line) => resolve(String(line).trim()))
      holder.once('exit', reject)
    })
    await expect.poll(() => existsSync(join(folder, 'c')), { timeout: 15_000 }).toBe(true)
    expect(processesNaming(folder)).toBeGreaterThan(0)
    holder.kill('SIGKILL')
    await expect.poll(() => folders().filter((name) => !before.includes(name)), { timeout: 15_000 }).toEqual([])
    await expect.poll(() => processesNaming(folder), { timeout: 15_000 }).toBe(0)
  })

  it('H6: takes no address for an option', async () => {
    const mark = join(testFolder(), 'mark')
    await failure(openssh(sshd, { host: { address: `-oProxyCommand=touch ${mark}` } }))
    expect(existsSync(mark)).toBe(false)
  })
})
