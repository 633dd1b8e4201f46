import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { HostSession } from '../../../src/host/session'
import { sh } from '../../../src/shell/sh'
import { noSshd, startSshd } from '../sshd'
import { dialerTo, never } from './reach'

describe.skipIf(noSshd() !== null)('an sshd that allows one session a connection', () => {
  it('answers many questions, and those that are asked beside them, one after the other', async () => {
    const sshd = await startSshd({ config: ['MaxSessions 1'] })
    onTestFinished(() => sshd.stop())
    const options = { dialer: dialerTo(sshd), clock: systemClock, become: 'none', stateDir: null } as const
    await using session = await HostSession.open(options, never)
    const questions = (of: string) =>
      Array.from({ length: 8 }, (_, i) => ({ id: `${of}${i}`, sh: sh`echo ${`${of}${i}`}`, cap: 100 }))
    const [many, others] = await Promise.all([session.ask(questions('a'), never), session.ask(questions('b'), never)])
    for (const [of, answers] of [
      ['a', many],
      ['b', others],
    ] as const)
      expect(answers).toEqual(questions(of).map(({ id }) => ({ id, rc: 0, out: `${id}\n`, truncated: false })))
  })
})
