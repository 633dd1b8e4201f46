import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConnectError, LoginRefused } from '../../../src/errors'
import { type KeyPair, makeKey, noSshd, startSshd } from '../sshd'
import { connectTo, failure, run, testFolder } from './reach'

async function startAgent(keys: readonly KeyPair[]): Promise<string> {
  const socket = join(testFolder(), 'socket')
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
  onTestFinished(() => void agent.kill())
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20))
  for (const key of keys) execFileSync('ssh-add', ['-q', key.path], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
  return socket
}

describe.skipIf(noSshd() !== null)('logging in with an ssh agent', () => {
  it.each(['ed25519', 'rsa'] as const)('uses the %s key among those of the agent', async (type) => {
    const folder = testFolder()
    const right = makeKey(folder, 'right', type)
    const sshd = await startSshd({ authorized: [right.publicKey] })
    onTestFinished(() => sshd.stop())
    const agentSocket = await startAgent([makeKey(folder, 'wrong'), right])
    await using transport = await connectTo(sshd, { credentials: { agentSocket } })
    expect((await run(transport, 'echo in')).stdout).toBe('in\n')
  })

  it('reports a refused login when none of its keys is accepted', async () => {
    const sshd = await startSshd()
    onTestFinished(() => sshd.stop())
    const agentSocket = await startAgent([makeKey(testFolder(), 'wrong')])
    expect(await failure(connectTo(sshd, { credentials: { agentSocket } }))).toBeInstanceOf(LoginRefused)
  })

  it('reports an agent that does not answer', async () => {
    const sshd = await startSshd()
    onTestFinished(() => sshd.stop())
    const error = await failure(connectTo(sshd, { credentials: { agentSocket: '/nowhere/agent' } }))
    expect(error).toBeInstanceOf(ConnectError)
    expect(error.message).toContain('ssh agent')
  })

  it('refuses to begin without key and agent', async () => {
    const sshd = await startSshd()
    onTestFinished(() => sshd.stop())
    expect(() => connectTo(sshd, { credentials: {} })).toThrow(LoginRefused)
  })
})
