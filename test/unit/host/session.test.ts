import { PassThrough, Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { localDialer } from '../../../src/host/local'
import type { Channel, Dialer } from '../../../src/host/remote'
import { HostSession } from '../../../src/host/session'
import { sh } from '../../../src/shell/sh'

const never = new AbortController().signal

/** The machine of the test itself, whose second command is cut after the noise of the login shell. */
function cutOnce(): Dialer {
  let commands = 0
  return {
    async connect(signal) {
      const real = await localDialer().connect(signal)
      return {
        exec: (command) => (++commands === 2 ? Promise.resolve(cutChannel()) : real.exec(command)),
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

it('asks again when the connection broke before an answer came', async () => {
  const options = { dialer: cutOnce(), clock: systemClock, become: 'none', stateDir: '/nowhere' } as const
  await using session = await HostSession.open(options, never)
  expect(await session.ask([{ id: 'a', sh: sh`echo here`, cap: 100 }], never)).toEqual([
    { id: 'a', rc: 0, out: 'here\n', truncated: false },
  ])
})
