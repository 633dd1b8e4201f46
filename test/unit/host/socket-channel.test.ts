import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { ConnectError } from '../../../src/errors'
import { childChannel } from '../../../src/host/child-channel'
import { dialByCommand } from '../../../src/host/socket-channel'

/** A command that says nothing on standard output and goes on, whatever is asked. */
const silent = {
  exec: async () => {
    const child = spawn('sh', ['-c', 'echo noise >&2; exec sleep 60'], { stdio: ['pipe', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill())
    return childChannel(child, async (code) => code)
  },
}

it('a connection that does not come about in time is refused, and nothing of it fails later', async () => {
  const late: unknown[] = []
  const note = (reason: unknown) => late.push(reason)
  process.on('unhandledRejection', note)
  onTestFinished(() => void process.off('unhandledRejection', note))
  await expect(dialByCommand(silent, 'web-1', 'localhost', 80, 50)).rejects.toThrow(ConnectError)
  await sleep(50)
  expect(late).toEqual([])
})
