import { describe, expect, it } from 'vitest'
import { ConnectError } from '../../../../src/errors'
import { boundsOf } from '../../../../src/host/following/program-bounds'
import type { ProgramContext } from '../../../../src/host/program'
import { HostSession } from '../../../../src/host/session'
import { sh } from '../../../../src/shell/sh'
import { answering, type EndlessHost, endless, endlessHost, type Says } from '../../../fixtures/endless-host'
import { FakeClock } from '../../../fixtures/fake-clock'
import { shStep } from '../../../fixtures/steps'

const never = new AbortController().signal
const MEGABYTE = 2 ** 20
const CHUNK = Buffer.alloc(64 * 1024, 'x')

const open = (host: EndlessHost) =>
  HostSession.open({ dialer: host.dialer, clock: new FakeClock(), become: 'none', stateDir: '/nowhere' }, never)

const ask = (session: HostSession) => session.ask([{ id: 'a', sh: sh`true`, cap: 4_096 }], never)
const unknown = [{ id: 'a', rc: null, out: '', truncated: false }]

const ENDLESS: readonly (readonly [string, Says, { stderr?: boolean }])[] = [
  ['an answer', answering(endless(CHUNK)), {}],
  ['an answer in single bytes', answering(endless(Buffer.from('x'))), {}],
  ['lines of an answer', answering(endless(Buffer.from('\n'.repeat(64 * 1024)))), {}],
  ['frames of an answer', answering(endless(Buffer.from('0 3\nax0\n'.repeat(8_192)))), {}],
  ['noise before an answer', endless(CHUNK), {}],
  [
    'what comes behind an answer',
    answering(function* (token) {
      yield Buffer.from(`over\n#${token} `)
      yield* endless(CHUNK)(token)
    }),
    {},
  ],
  ['errors beside an answer', endless(CHUNK), { stderr: true }],
]

describe('H40: a host that says without end', () => {
  it.each(ENDLESS)('%s is listened to for its cap and a megabyte of noise, and is then closed', async (_, says, o) => {
    const host = endlessHost(says, o)
    await using session = await open(host)
    expect(await ask(session)).toEqual(unknown)
    expect(host.taken()).toBeLessThan(1.5 * MEGABYTE)
    expect(host.openConnections()).toBe(0)
  })

  it('is asked nothing more, and connected to no more', async () => {
    const host = endlessHost(answering(endless(CHUNK)))
    await using session = await open(host)
    await ask(session)
    expect(await ask(session)).toEqual(unknown)
    await expect(session.reconnect(never, 60_000)).rejects.toThrow('says more than it was asked')
    await expect(session.dial('localhost', 80)).rejects.toThrow(ConnectError)
    expect(host.connections()).toBe(1)
  })

  it('when it greets is no host', async () => {
    const host = endlessHost(answering(endless(CHUNK)), { greets: false })
    await expect(open(host)).rejects.toThrow('says more than it was asked')
    expect(host.taken()).toBeLessThan(1.5 * MEGABYTE)
    expect(host.openConnections()).toBe(0)
  })

  it('while it is asked nothing is closed too', async () => {
    const host = endlessHost(
      answering(function* (token) {
        yield Buffer.from(`0 3\nax0\nover\n#${token} 0\n`)
        yield* endless(CHUNK)(token)
      }),
    )
    await using session = await open(host)
    await ask(session)
    while (host.openConnections() > 0) {
      await ask(session)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(host.taken()).toBeLessThan(3 * MEGABYTE)
  })

  const steps = [shStep('only', 'true', { output: { data: 1_000 } })]
  const context: ProgramContext = {
    stateDir: '/nowhere',
    runDir: '/nowhere/runs/r',
    run: 'r',
    lockFile: '/nowhere/lock/program',
    token: 1,
    stateText: '',
    keepState: 'no',
    secret: () => '',
    systemd: false,
  }

  it.each([
    ['records', 'begin 0 1.00\nend 0 0 1.50 999999999999999\n', 'begin 0 1.00\nend 0 0 1.50 999999999999999\n'],
    ['records that are none', '', 'x'.repeat(65_536)],
    ['data', 'begin 0 1.00\ndata 0 999999999999 0\n', 'x'.repeat(65_536)],
  ])('%s of a program ends it as one that cannot be believed', async (_, first, more) => {
    const says = function* (token: string) {
      yield Buffer.from(`pitstop 1 r p b 1.00\n${first}`)
      yield* endless(Buffer.from(more))(token)
    }
    const host = endlessHost(answering(says))
    await using session = await open(host)
    const end = await session.run({ id: 'p', steps, state: {} }, () => undefined, never, context)
    expect(end.t).toBe('died')
    expect(host.taken()).toBeLessThan(boundsOf(steps).bytes + 2 * 65_536)
  })

  it('output of a step is followed for the time of the step, and is not kept', async () => {
    const clock = new FakeClock()
    const says = (token: string) => endless(CHUNK)(token)
    const host = endlessHost(says, { stderr: true })
    await using session = await HostSession.open(
      { dialer: host.dialer, clock, become: 'none', stateDir: '/nowhere' },
      never,
    )
    const before = process.memoryUsage().arrayBuffers
    const running = session.run({ id: 'p', steps, state: {} }, () => undefined, never, context)
    while (host.taken() < 256 * MEGABYTE) await new Promise((resolve) => setImmediate(resolve))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MEGABYTE)
    clock.advance(601_000)
    expect((await running).t).toBe('lost')
  })
})
