import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ConnectError } from '../../../src/errors'
import { localDialer } from '../../../src/host/local'
import { freePort } from '../sshd'
import { failure, never, run } from './reach'

describe('the runner as a place', () => {
  const here = () => localDialer().connect(never)

  it('runs commands of sh', async () => {
    await using transport = await here()
    expect(await run(transport, 'cat; echo err >&2; exit 3', 'in')).toEqual({ stdout: 'in', stderr: 'err\n', exit: 3 })
  })

  it('knows no exit code of a command that a signal ended', async () => {
    await using transport = await here()
    expect((await run(transport, 'kill -9 $$')).exit).toBeNull()
  })

  it('H3: hands none of the runner to its children but PATH, HOME, LANG and TMPDIR', async () => {
    process.env['INPUT_SSH-PRIVATE-KEY'] = 'secret'
    process.env.ACTIONS_RUNTIME_TOKEN = 'secret'
    await using transport = await localDialer({ env: { PITSTOP_HOST: 'web-1' } }).connect(never)
    const names = (await run(transport, 'env')).stdout.split('\n').map((line) => line.split('=')[0])
    delete process.env['INPUT_SSH-PRIVATE-KEY']
    delete process.env.ACTIONS_RUNTIME_TOKEN
    // sh itself adds PWD, SHLVL, OLDPWD and _.
    const others = names.filter(
      (n) => !['PATH', 'HOME', 'LANG', 'TMPDIR', 'PWD', 'SHLVL', 'OLDPWD', '_', ''].includes(n ?? ''),
    )
    expect(others).toEqual(['PITSTOP_HOST'])
  })

  it('H8: starts commands without the variable by which the runner kills at the end of a job', async () => {
    process.env.RUNNER_TRACKING_ID = 'github_1'
    await using transport = await here()
    expect((await run(transport, 'echo "[$RUNNER_TRACKING_ID]"')).stdout).toBe('[]\n')
    delete process.env.RUNNER_TRACKING_ID
  })

  it('starts commands in a process group of their own', async () => {
    await using transport = await here()
    const group = async (pid: string) => (await run(transport, `ps -o pgid= -p ${pid}`)).stdout.trim()
    expect(await group('$$')).not.toBe(await group(String(process.pid)))
  })

  it('lets a command live on whose channel was closed', async () => {
    await using transport = await here()
    const channel = await transport.exec('sleep 20 & echo $!; wait')
    let pid = ''
    for await (const chunk of channel.stdout) {
      pid += Buffer.from(chunk).toString()
      if (pid.endsWith('\n')) break
    }
    channel.close()
    expect(await channel.exit).toBeNull()
    expect((await run(transport, `kill ${Number(pid)}`)).exit).toBe(0)
  })

  it('H40: reads 200 MB with memory that does not grow with them', async () => {
    await using transport = await here()
    const channel = await transport.exec('head -c 200000000 /dev/zero')
    const before = process.memoryUsage.rss()
    let bytes = 0
    for await (const chunk of channel.stdout) bytes += chunk.length
    expect(bytes).toBe(200_000_000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20)
  })

  it('reaches a port, and reports a refused one', async () => {
    const server = createServer((socket) => socket.end('hi'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    await using transport = await here()
    const socket = await transport.dial('127.0.0.1', typeof address === 'object' ? (address?.port ?? 0) : 0)
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('hi')
    expect(await failure(transport.dial('127.0.0.1', await freePort()))).toBeInstanceOf(ConnectError)
    server.close()
  })
})
