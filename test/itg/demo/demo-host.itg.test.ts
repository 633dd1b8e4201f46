import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { DemoHost } from '../../../src/demo/demo-host'
import { newKeyPair } from '../../../src/demo/key-pair'
import { systemClock } from '../../../src/engine/clock'
import { HostKeyError, LoginRefused } from '../../../src/errors'
import { createDialer } from '../../../src/host/dialer'

const hostKey = newKeyPair('host')
const loginKey = newKeyPair('login')
const signal = new AbortController().signal

let home: string
let host: DemoHost
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'demo-host-'))
  const allowed = ssh2.utils.parseKey(loginKey.public)
  if (allowed instanceof Error) throw allowed
  const options = { address: '127.0.0.11', hostKey: hostKey.private, allowed, home, ids: null, env: { MARK: 'x y' } }
  host = await DemoHost.start(options)
})
afterEach(async () => {
  await host[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
})

function connect(privateKey = loginKey.private, known = hostKey.public) {
  const [type, data] = known.split(' ')
  const about = { name: 'web-1', address: '127.0.0.11', port: host.port, user: 'demo' }
  return createDialer({
    host: { ...about, transport: 'ssh', jump: null, hostKey: [] },
    credentials: { privateKey },
    knownHosts: `[127.0.0.11]:${host.port} ${type} ${data}`,
    clock: systemClock,
  }).connect(signal, { attempts: 1 })
}

it('runs commands in its own folder, with an environment of its own', async () => {
  await using transport = await connect()
  const channel = await transport.exec('printf "%s %s %s" "$HOME" "$(pwd)" "$MARK"; exit 7')
  channel.stdin.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of channel.stdout) chunks.push(chunk)
  expect(Buffer.concat(chunks).toString()).toBe(`${home} ${home} x y`)
  expect(await channel.exit).toBe(7)
})

it('refuses every key but its own', async () => {
  await expect(connect(newKeyPair('other').private)).rejects.toThrow(LoginRefused)
})

it('is known by its key like any other host', async () => {
  await expect(connect(loginKey.private, newKeyPair('other').public)).rejects.toThrow(HostKeyError)
})
