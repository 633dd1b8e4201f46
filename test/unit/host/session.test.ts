import { PassThrough, Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { LoginRefused } from '../../../src/errors'
import { localDialer } from '../../../src/host/local'
import type { ProgramContext } from '../../../src/host/program'
import type { Channel, Dialer } from '../../../src/host/remote'
import { HostSession } from '../../../src/host/session'
import { sh } from '../../../src/shell/sh'
import { greetsOnly } from '../../fixtures/shells'

const never = new AbortController().signal
const here = { id: 'a', sh: sh`echo here`, cap: 100 }
const answer = { id: 'a', rc: 0, out: 'here\n', truncated: false }

/** The machine of the test itself; `tamper` sees each channel and how many there were before it. */
function tampered(tamper: (open: () => Promise<Channel>, n: number) => Promise<Channel>): Dialer {
  let channels = 0
  return {
    async connect(signal) {
      const real = await localDialer().connect(signal)
      return {
        exec: (command) => tamper(() => real.exec(command), channels++),
        dial: (host, port) => real.dial(host, port),
        closed: real.closed,
        [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
      }
    },
  }
}

function cutChannel(): Channel {
  const stdout = Readable.from([Buffer.from('Welcome\n')])
  return { stdin: new PassThrough(), stdout, stderr: Readable.from([]), exit: Promise.resolve(null), close: () => {} }
}

const open = (dialer: Dialer) =>
  HostSession.open({ dialer, clock: systemClock, become: 'none', stateDir: '/nowhere' }, never)

describe('a session', () => {
  it('asks again when the shell broke before an answer came', async () => {
    const dialer = tampered(async (real, n) => (n === 0 ? greetsOnly(await real()) : n === 1 ? cutChannel() : real()))
    await using session = await open(dialer)
    await pause(200)
    expect(await session.ask([here], never)).toEqual([answer])
  })

  it('answers one question after the other through one shell', async () => {
    let channels = 0
    const dialer = tampered((real, n) => {
      channels = n + 1
      return real()
    })
    await using session = await open(dialer)
    for (let i = 0; i < 5; i++) expect(await session.ask([here], never)).toEqual([answer])
    expect(channels).toBe(1)
  })

  it('answers what is asked at once through a shell each, and keeps two of them', async () => {
    let living = 0
    const dialer = tampered(async (real) => {
      const channel = await real()
      living += 1
      void channel.exit.then(() => {
        living -= 1
      })
      return channel
    })
    await using session = await open(dialer)
    const answers = await Promise.all([1, 2, 3, 4].map(() => session.ask([here], never)))
    expect(answers).toEqual([1, 2, 3, 4].map(() => [answer]))
    expect(living).toBe(2)
  })

  it('is not held up by a question that was cancelled', async () => {
    await using session = await open(localDialer())
    const cancel = new AbortController()
    const slow = session.ask([{ id: 'slow', sh: sh`sleep 30`, cap: 100 }], cancel.signal)
    await pause(200)
    cancel.abort()
    expect(await slow).toMatchObject([{ id: 'slow', rc: null }])
    expect(await session.ask([here], never)).toEqual([answer])
  })
})

describe('a program whose connection is lost', () => {
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

  it('is not told to be connected again before it is', async () => {
    let connections = 0
    let cut: () => void = () => {}
    const dialer: Dialer = {
      async connect(signal) {
        if (++connections > 1) throw new LoginRefused('the key is no longer taken')
        const real = await localDialer().connect(signal)
        const closed = new Promise<string>((resolve) => {
          cut = () => resolve('the network is away')
        })
        // The network goes with the second payload: that of the program.
        const exec = async (command: string) => {
          const channel = await real.exec(command)
          let payloads = 0
          const write = (text: string) => {
            if (++payloads === 1) return channel.stdin.write(text)
            cut()
            channel.close()
            return true
          }
          return { ...channel, stdin: Object.assign(Object.create(channel.stdin), { write }) }
        }
        return { exec, closed, dial: (host, port) => real.dial(host, port), [Symbol.asyncDispose]: async () => {} }
      },
    }
    const session = await open(dialer)
    const items: string[] = []
    const end = await session.run({ id: 'p', steps: [], state: {} }, (item) => items.push(item.t), never, context)
    expect(end.t).toBe('lost')
    expect(items).toEqual([])
  })
})
