import { rmSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { createDialer, type DialerOptions, type ReachableHost } from '../../../src/host/dialer'
import type { Channel, Transport } from '../../../src/host/remote'
import { makeFolder, type Sshd } from '../sshd'

export const never = new AbortController().signal

/** The host that `sshd` is, for the maintenance file. */
export function hostAt(sshd: Sshd, host: Partial<ReachableHost> = {}): ReachableHost {
  return {
    name: 'web-1',
    address: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    transport: 'ssh',
    jump: null,
    hostKey: [],
    ...host,
  }
}

export type Overrides = Partial<Omit<DialerOptions, 'host'>> & { host?: Partial<ReachableHost> }

export function dialerTo(sshd: Sshd, { host, ...options }: Overrides = {}) {
  return createDialer({
    host: hostAt(sshd, host),
    credentials: { privateKey: sshd.clientKey.privateKey },
    knownHosts: sshd.knownHosts,
    clock: systemClock,
    retry: { attempts: 1 },
    ...options,
  })
}

export function connectTo(sshd: Sshd, options: Overrides = {}): Promise<Transport> {
  return dialerTo(sshd, options).connect(never)
}

export async function textOf(stream: Channel['stdout']): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

export async function run(transport: Transport, command: string, input = '') {
  const channel = await transport.exec(command)
  channel.stdin.end(input)
  const [stdout, stderr] = await Promise.all([textOf(channel.stdout), textOf(channel.stderr)])
  return { stdout, stderr, exit: await channel.exit }
}

/** The error of a promise that must fail. */
export async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
  throw new Error('it did not fail')
}

/** A new folder that is gone when the test is over. */
export function testFolder(): string {
  const folder = makeFolder()
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
