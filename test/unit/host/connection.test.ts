import { describe, expect, it } from 'vitest'
import { ConnectError, HostKeyError, LoginRefused } from '../../../src/errors'
import { Connection } from '../../../src/host/connection'
import type { Dialer, Transport } from '../../../src/host/remote'
import { ShellPool } from '../../../src/host/shell-pool'
import { ModelClock } from '../../fixtures/model/model-clock'

const gone = { closed: Promise.resolve('cut'), [Symbol.asyncDispose]: async () => undefined } as unknown as Transport
const pool = (transport: Transport) => new ShellPool(transport, 'none', undefined)

/** A connection that is gone, to a host that answers again after so long. */
function cutOff(awayMs: number) {
  const clock = new ModelClock()
  const tries: AbortSignal[] = []
  const dialer: Dialer = {
    async connect(signal) {
      tries.push(signal)
      if (clock.monotonicMs() < awayMs) throw new ConnectError('no answer')
      return { ...gone, closed: new Promise<string>(() => undefined) }
    },
  }
  return { clock, tries, connection: new Connection({ dialer, clock, lostAfterMs: 60_000 }, pool(gone), pool) }
}
const never = new AbortController().signal

describe('a connection that is gone', () => {
  it('is made again by one for all', async () => {
    const { connection, tries } = cutOff(0)
    const all = await Promise.all([connection.shells(never), connection.shells(never), connection.shells(never)])
    expect(all[0]).not.toBeNull()
    expect(new Set(all).size).toBe(1)
    expect(tries).toHaveLength(1)
  })

  it('is still made for the others when who asked first gives up', async () => {
    const { connection, clock } = cutOff(20_000)
    const impatient = new AbortController()
    const first = connection.shells(impatient.signal)
    const second = connection.shells(never)
    await clock.sleep(5_000)
    impatient.abort()
    expect(await first).toBeNull()
    expect(await second).not.toBeNull()
  })

  it('is tried no more once nobody waits for it', async () => {
    const { connection, clock, tries } = cutOff(20_000)
    const impatient = new AbortController()
    const first = connection.shells(impatient.signal)
    await clock.sleep(5_000)
    impatient.abort()
    // Whoever comes in this very moment does not join what is being given up.
    const next = new AbortController()
    const joined = connection.shells(next.signal)
    expect(await first).toBeNull()
    await clock.sleep(1_000)
    next.abort()
    expect(await joined).toBeNull()
    const tried = tries.length
    expect(tried).toBeGreaterThan(5)
    await clock.sleep(60_000)
    expect(tries).toHaveLength(tried)
    expect(tries.every((signal) => signal.aborted)).toBe(true)
    expect(await connection.shells(never)).not.toBeNull()
  })

  it('is given up by each when his own time is over, however long others wait for it', async () => {
    const { connection, clock } = cutOff(20_000)
    const patient = connection.shells(never)
    await expect(connection.renew(never, 5_000)).rejects.toThrow('no connection within 5 s')
    expect(clock.monotonicMs()).toBeLessThan(10_000)
    expect(await patient).not.toBeNull()
  })

  it('is lost once the most patient has waited in vain', async () => {
    const { connection, clock } = cutOff(600_000)
    expect(await Promise.all([connection.shells(never), connection.shells(never)])).toEqual([null, null])
    expect(clock.monotonicMs()).toBeGreaterThan(40_000)
    expect(clock.monotonicMs()).toBeLessThanOrEqual(60_000)
  })
})

/** A host that says no to each login until then. */
function refusing(untilMs: number, error: Error = new LoginRefused('login as deploy was refused')) {
  const clock = new ModelClock()
  const tries: number[] = []
  const dialer: Dialer = {
    async connect() {
      tries.push(clock.monotonicMs())
      if (clock.monotonicMs() < untilMs) throw error
      return { ...gone, closed: new Promise<string>(() => undefined) }
    },
  }
  return { tries, connection: new Connection({ dialer, clock, lostAfterMs: 60_000 }, pool(gone), pool) }
}

describe('case 14: a login that is refused while the host boots', () => {
  it('is tried again, sparsely, until it works', async () => {
    const { connection, tries } = refusing(12_000)
    await connection.renew(never, 900_000)
    expect(tries.length).toBeGreaterThan(1)
    expect(tries.length).toBeLessThan(5)
  })

  it('is a handful of logins in all of the time a host may take', async () => {
    const { connection, tries } = refusing(Number.POSITIVE_INFINITY)
    await expect(connection.renew(never, 900_000)).rejects.toThrow('login as deploy was refused')
    expect(tries.length).toBeLessThan(12)
    expect(tries.filter((at) => at < 120_000).length).toBeLessThan(5)
  })

  it('is refused for good where no reboot was made, and says so without naming a time that was not waited', async () => {
    const { connection, tries } = refusing(12_000)
    expect(await connection.shells(never)).toBeNull()
    expect(tries).toHaveLength(1)
    const key = refusing(12_000, new HostKeyError('the host key changed'))
    await expect(key.connection.renew(never, 900_000)).rejects.toThrow(/^the host key changed$/)
    expect(key.tries).toHaveLength(1)
  })
})
