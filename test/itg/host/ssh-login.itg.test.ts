import { NodeSSH } from 'node-ssh'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError, ConnectError, HostKeyError, LoginRefused } from '../../../src/errors'
import { makeKey, noSshd, type Sshd, startSshd } from '../sshd'
import { connectTo, dialerTo, failure, never, run, testFolder } from './reach'

describe.skipIf(noSshd() !== null)('logging in with ssh', () => {
  let sshd: Sshd
  let other: Sshd
  beforeAll(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] })
    other = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    await other.stop()
  })

  it('runs a command on a host whose key known-hosts has', async () => {
    await using transport = await connectTo(sshd)
    expect(await run(transport, 'cat; echo err >&2; exit 3', 'in')).toEqual({ stdout: 'in', stderr: 'err\n', exit: 3 })
  })

  it('keeps a connection beyond the deadline of its login', async () => {
    await using transport = await connectTo(sshd, { settings: { handshakeMs: 3_000 } })
    await new Promise((resolve) => setTimeout(resolve, 3_300))
    expect(await run(transport, 'echo here')).toMatchObject({ stdout: 'here\n', exit: 0 })
  })

  it('refuses a host that neither known-hosts nor a pin knows, and shows how to pin it', async () => {
    const error = await failure(connectTo(sshd, { knownHosts: '' }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain(sshd.fingerprint)
    expect((error as HostKeyError).hint).toContain(`host_key: ["${sshd.fingerprint}"]`)
  })

  it('never begins to log in when the host key is refused', async () => {
    const before = sshd.log()
    await failure(connectTo(sshd, { knownHosts: '' }))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(sshd.log().slice(before.length)).not.toMatch(/Accepted|Postponed publickey|userauth/)
  })

  it('H17: refuses a host whose key changed', async () => {
    const line = `[127.0.0.1]:${sshd.port} ${other.hostKeys[0]?.publicKey}`
    const error = await failure(connectTo(sshd, { knownHosts: line }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('is not the known one')
  })

  it('H17: refuses a revoked key that another line still allows', async () => {
    const revoked = `@revoked * ${sshd.hostKeys[0]?.publicKey}\n`
    const error = await failure(connectTo(sshd, { knownHosts: sshd.knownHosts + revoked }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('@revoked')
  })

  it('H17: sends a host known only by a certificate authority to transport openssh', async () => {
    const line = `@cert-authority * ${other.hostKeys[0]?.publicKey}`
    const error = await failure(connectTo(sshd, { knownHosts: line }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect((error as HostKeyError).hint).toContain('transport: openssh')
  })

  it('asks for the key type that is known, though the server has others it likes better', async () => {
    const rsa = sshd.knownHosts.split('\n').find((line) => line.includes('ssh-rsa')) ?? ''
    await using transport = await connectTo(sshd, { knownHosts: rsa })
    expect((await run(transport, 'true')).exit).toBe(0)
  })

  it.each([0, 1, 2])('accepts host key %i by its pin alone, whatever key the server shows first', async (index) => {
    const pin = sshd.hostKeys[index]?.fingerprint ?? ''
    const dialer = dialerTo(sshd, { knownHosts: '', host: { hostKey: [pin] } })
    for (const _ of ['first login', 'login after a reboot']) {
      await using transport = await dialer.connect(never)
      expect((await run(transport, 'true')).exit).toBe(0)
    }
  })

  it('refuses a host that has none of the pinned keys', async () => {
    const pins = { hostKey: [other.fingerprint] }
    expect(await failure(connectTo(sshd, { knownHosts: '', host: pins }))).toBeInstanceOf(HostKeyError)
  })

  it('H17: refuses a key that only one of pin and known-hosts knows', async () => {
    const ed25519 = sshd.knownHosts.split('\n')[0] ?? ''
    const pins = { hostKey: [sshd.hostKeys[1]?.fingerprint ?? ''] }
    const error = await failure(connectTo(sshd, { knownHosts: ed25519, host: pins }))
    expect(error).toBeInstanceOf(HostKeyError)
    expect(error.message).toContain('matches only one')
  })

  it('H17: demands the key it met first for the rest of the run', async () => {
    const both = `${sshd.knownHosts}[127.0.0.1]:${sshd.port} ${other.hostKeys[0]?.publicKey}\n`
    const dialer = dialerTo(sshd, { knownHosts: both, retry: { attempts: 3, pauseMs: 50 } })
    await using first = await dialer.connect(never)
    expect((await run(first, 'true')).exit).toBe(0)
    const port = sshd.port
    await sshd.stop()
    const impostor = await startSshd({ port, hostKeysOf: other, authorized: [sshd.clientKey.publicKey] })
    expect(await failure(dialer.connect(never))).toBeInstanceOf(HostKeyError)
    await impostor.stop()
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa', 'ecdsa'] })
  })

  it('ssh2 still takes anything but the value false for a yes, which is why the verifier is synchronous', async () => {
    const connectWith = async (answer: unknown) => {
      const ssh = new NodeSSH()
      const { port, user } = sshd
      const verdict = (() => answer) as (key: Buffer) => boolean
      await ssh.connect({
        host: '127.0.0.1',
        port,
        username: user,
        privateKey: sshd.clientKey.privateKey,
        hostVerifier: verdict,
      })
      ssh.dispose()
    }
    await expect(connectWith(null)).resolves.toBeUndefined()
    await expect(connectWith(Promise.resolve(false))).resolves.toBeUndefined()
    await expect(connectWith(false)).rejects.toThrow()
  })

  it('reports a refused login as such, after one try', async () => {
    const before = sshd.log().match(/Connection from/g)?.length ?? 0
    const wrong = { privateKey: other.clientKey.privateKey }
    const error = await failure(connectTo(sshd, { credentials: wrong, retry: { attempts: 5, pauseMs: 10 } }))
    expect(error).toBeInstanceOf(LoginRefused)
    expect(sshd.log().match(/Connection from/g)?.length).toBe(before + 1)
  })

  it('reports an unreachable port with what to check', async () => {
    const error = await failure(connectTo(sshd, { host: { port: 1 } }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.message).toContain('127.0.0.1 port 1')
  })

  it('opens a key with its passphrase, and says so when the passphrase is wrong or missing', async () => {
    const folder = testFolder()
    const key = makeKey(folder, 'locked', 'ed25519', 'open sesame')
    const guarded = await startSshd({ authorized: [key.publicKey] })
    const credentials = { privateKey: key.privateKey, passphrase: 'open sesame' }
    await using transport = await connectTo(guarded, { credentials })
    expect((await run(transport, 'true')).exit).toBe(0)
    const wrong = () => connectTo(guarded, { credentials: { ...credentials, passphrase: 'wrong' } })
    const missing = () => connectTo(guarded, { credentials: { privateKey: key.privateKey } })
    expect(wrong).toThrow(/passphrase is wrong/)
    expect(missing).toThrow(ConfigError)
    await guarded.stop()
  })

  it.each(['rsa', 'ecdsa'] as const)('logs in with an %s key', async (type) => {
    const key = makeKey(testFolder(), 'key', type)
    const guarded = await startSshd({ authorized: [key.publicKey] })
    await using transport = await connectTo(guarded, { credentials: { privateKey: key.privateKey } })
    expect((await run(transport, 'true')).exit).toBe(0)
    await guarded.stop()
  })
})
