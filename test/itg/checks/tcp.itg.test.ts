import { createServer } from 'node:net'
import type { Duplex } from 'node:stream'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { declaredProbes } from '../../../src/checks/kinds'
import { runProbe } from '../../../src/checks/run'
import { runnerNetwork } from '../../../src/checks/runner-network'
import { systemClock } from '../../../src/engine/clock'
import { ConnectError } from '../../../src/errors'
import { hostConfig } from '../../fixtures/host-config'
import { probeContext } from '../../fixtures/probe-context'
import { closedPort, hostNetwork, listening } from './servers'

type Dial = (host: string, port: number) => Promise<Duplex>

async function check(
  tcp: { port: number; host?: string; from?: 'host' | 'runner' | 'both' },
  dial: Dial = hostNetwork(),
) {
  const host = hostConfig({
    address: '127.0.0.1',
    stages: { verify: { checks: [{ tcp: { timeout: '1s', ...tcp } }] } },
  })
  const [probe] = declaredProbes(host.stages.verify.checks, { host, runId: 'r' })
  if (probe === undefined) throw new Error('no probe')
  const context = probeContext({ host, clock: systemClock, runner: runnerNetwork() })
  return runProbe(probe, { ...context, remote: { ...context.remote, dial } })
}

describe('a tcp check', () => {
  it.each(['host', 'runner', 'both'] as const)('passes when the port accepts a connection, from %s', async (from) => {
    await using server = await listening(createServer())
    const result = await check({ port: server.port, from })
    expect(result).toMatchObject({ id: `tcp:localhost:${server.port}`, outcome: 'pass' })
    expect(result.actual).toMatch(/connected in \d+ ms$/)
  })

  it.each(['host', 'runner'] as const)('fails when nobody listens, from %s', async (from) => {
    const result = await check({ port: await closedPort(), from })
    expect(result).toMatchObject({ outcome: 'fail', actual: `from the ${from}: no connection (ECONNREFUSED)` })
  })

  it('fails when SSH tells that the host could not connect', async () => {
    const cause = Object.assign(new Error('(SSH) Channel open failure: Connection refused'), { reason: 2 })
    const result = await check({ port: 5432 }, () => Promise.reject(new ConnectError('refused', { cause })))
    expect(result).toMatchObject({ outcome: 'fail', actual: 'from the host: no connection (refused)' })
  })

  it('is unknown when SSH itself is lost or forbids it', async () => {
    const cause = Object.assign(new Error('open failed'), { reason: 1 })
    expect((await check({ port: 5432 }, () => Promise.reject(new ConnectError('no', { cause })))).outcome).toBe(
      'unknown',
    )
    expect((await check({ port: 5432 }, () => Promise.reject(new ConnectError('lost')))).outcome).toBe('unknown')
  })

  it('fails when no connection comes in time, and closes one that comes late', async () => {
    const late = new PassThrough()
    const slow: Dial = () => new Promise((resolve) => setTimeout(() => resolve(late), 1_200))
    const result = await check({ port: 5432 }, slow)
    expect(result).toMatchObject({ outcome: 'fail', actual: 'from the host: no connection within 1 s' })
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(late.destroyed).toBe(true)
  })
})
