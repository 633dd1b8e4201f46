import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { localDialer } from '../../../src/host/local'
import { LeasedMachine } from '../../../src/host/machine'
import { HostSession } from '../../../src/host/session'
import { sh } from '../../../src/shell/sh'

const never = new AbortController().signal

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'pitstop-secret-'))
})
afterEach(() => rmSync(stateDir, { recursive: true }))

it('H21: a question gets its secret by its environment, and no process of the machine shows it as an argument', async () => {
  const session = await HostSession.open({ dialer: localDialer(), clock: systemClock, become: 'none', stateDir }, never)
  const secret = (env: string) => `${env.toLowerCase()}'s "value" $HOME`
  await using machine = new LeasedMachine({ session, run: 'r1', url: '-', secret, ownLock: true, checkPath: false })
  const found = sh`printf '%s\n' "$TOKEN" "$PLAIN"
n=0; for f in /proc/[0-9]*/cmdline; do n=$((n+1)); c=$(tr '\\0' ' ' <"$f" 2>/dev/null) || continue; case $c in *"$TOKEN"*) echo shown;; esac; done; [ $n -gt 0 ] && echo looked`
  const [answer] = await machine.ask(
    [
      {
        id: 'q',
        sh: found,
        cap: 4096,
        timeoutMs: 10_000,
        env: { PLAIN: 'x' },
        secretEnv: { TOKEN: { env: 'API_KEY' } },
      },
    ],
    never,
  )
  expect(answer?.out.split('\n')).toEqual([`api_key's "value" $HOME`, 'x', 'looked', ''])
})
