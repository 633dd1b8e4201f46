import { spawnSync } from 'node:child_process'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { HostSession } from '../../../src/host/session'
import { sh } from '../../../src/shell/sh'
import { noSshd, startSshd } from '../sshd'
import { dialerTo, never } from './reach'

/** Whoever is not root cannot install shells, and tests without those he lacks; `.ci/run` installs all of them. */
const isMissing = (shell: string) => spawnSync(shell.split(' ')[0] ?? '', ['-c', 'true']).error !== undefined

describe.skipIf(noSshd() !== null)('a host whose login shell is', () => {
  describe.each(['bash', 'dash', 'busybox sh', 'fish', 'tcsh'])('%s', (shell) =>
    it.skipIf(isMissing(shell))('answers questions as any other', async () => {
      const sshd = await startSshd({ loginShell: shell })
      onTestFinished(() => sshd.stop())
      const dialer = dialerTo(sshd)
      await using session = await HostSession.open(
        { dialer, clock: systemClock, become: 'none', stateDir: null },
        never,
      )
      const question = { id: 'odd', sh: sh`printf %s ${'it\'s $HOME "and" !x \\ `y`'}; exit 3`, cap: 1_000 }
      const answers = await session.ask([question], never)
      expect(answers).toEqual([{ id: 'odd', rc: 3, out: 'it\'s $HOME "and" !x \\ `y`', truncated: false }])
    }),
  )
})
