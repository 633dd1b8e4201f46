import type { Rebooted } from '../compare/builtin'
import type { EngineIo } from './engine-io'
import type { HostContext } from './host-context'
import { watchRounds } from './rounds'
import { silence } from './silence'
import type { StepsEnd } from './steps-end'
import { roundsInput, verificationOf } from './verify-host'

/** All checks again, under traffic, before the host counts as live. One that fell silent twice in a row is drained again. */
export async function watchHost(x: HostContext, io: EngineIo, rebooted: Rebooted): Promise<StepsEnd> {
  const { golive, verify } = x.host.stages
  const watched = await watchRounds({
    ...roundsInput(x, io, verificationOf(x, rebooted), 'golive'),
    watchMs: golive.watch,
    everyMs: verify.retry.every,
    silence: (signal) => silence(x, signal),
  })
  for (const check of watched.checks)
    x.tell({ type: 'observed', stage: 'golive', what: { kind: 'check', when: 'golive', check } })
  if (x.signal.aborted) return { t: 'cancelled' }
  if (watched.ok) return { t: 'ok' }
  const bad = watched.checks.find((c) => c.outcome === 'fail' || c.outcome === 'unknown')
  return {
    t: 'failed',
    step: 'watch',
    reason: `under traffic ${bad?.id ?? 'a check'} failed: expected ${bad?.expected ?? '?'}, got ${bad?.actual ?? '?'}`,
  }
}
