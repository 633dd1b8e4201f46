import { HostKeyError, LoginRefused } from '../errors'
import { cleanText } from './excerpt'
import { within } from './limit'
import { fail, type Probe, type ProbeContext, pass, type Seen, unreadable } from './probe'
import { whyOf } from './run'

const TIMEOUT_MS = 30_000

/**
 * A second, complete SSH login: the old session proves nothing after an upgrade of sshd (H33). Logins that follow one
 * another too fast trip sshd's penalties and lock the runner out (H37).
 */
export const login: Probe = {
  id: 'builtin:login',
  kind: 'builtin',
  expected: 'a fresh SSH login succeeds',
  timeoutMs: TIMEOUT_MS,
  isSweepOnly: true,
  run: (at) => within(TIMEOUT_MS, at, logIn, () => fail(`no login within ${TIMEOUT_MS / 1000} s`)),
}

async function logIn(at: ProbeContext): Promise<Seen> {
  const begun = at.clock.monotonicMs()
  try {
    await at.remote.freshLogin(at.signal)
    return pass(`logged in in ${Math.round(at.clock.monotonicMs() - begun)} ms`)
  } catch (error) {
    at.signal.throwIfAborted()
    if (error instanceof HostKeyError || error instanceof LoginRefused) return fail(cleanText(error.message, 200))
    return unreadable(whyOf(error))
  }
}
