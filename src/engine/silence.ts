import { ConnectError, HostKeyError, LoginRefused } from '../errors'
import { sh } from '../shell/sh'
import { pause } from './clock'
import type { HostContext } from './host-context'
import type { StepsEnd } from './steps-end'

/** A shell that answers at all answers this at once. A lost connection is made again for ten minutes. */
const ANSWER_MS = 10_000
const ASK_AFTER_MS = 3_000
/** What is still tried on a host that fell silent: long enough for a link that flaps, or a host that swaps. */
const LAST_TRY_MS = 30_000

type Asked = Pick<HostContext, 'machine' | 'clock'>

/** Whether the host says anything at all within ten seconds. Cancelled counts as a no. */
export async function answers(x: Asked, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  const asked = x.machine.ask([{ id: 'alive', sh: sh`:`, cap: 16 }], both)
  const said = asked.then(
    ([answer]) => answer?.rc === 0,
    () => false,
  )
  try {
    return await Promise.race([said, pause(x.clock, ANSWER_MS, both).then(() => false)])
  } finally {
    over.abort()
  }
}

/**
 * Rejects once the host has fallen silent: for what users wait for, and what must not wait for a connection to come back.
 * @throws the reason of `signal` once it is aborted, ConnectError
 */
export async function silence(x: Asked, signal: AbortSignal): Promise<never> {
  for (;;) {
    await x.clock.sleep(ASK_AFTER_MS, signal)
    if (await isThere(x, signal)) continue
    signal.throwIfAborted()
    throw new ConnectError(`the host did not answer within ${ANSWER_MS / 1000} s`)
  }
}

/**
 * A host that allows one session (MaxSessions 1) has none left to ask while a program is followed or a check takes its time:
 * then only a new login can tell. It is tried where half of the time has brought no answer.
 */
async function isThere(x: Asked, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController()
  const both = AbortSignal.any([signal, over.signal])
  const answered = answers(x, both)
  const loggedIn = pause(x.clock, ANSWER_MS / 2, both).then(() => !both.aborted && takesLogin(x, both))
  try {
    return await Promise.race([
      answered.then((yes) => yes || loggedIn),
      loggedIn.then((yes) => yes || answered),
      pause(x.clock, ANSWER_MS, both).then(() => false),
    ])
  } finally {
    over.abort()
  }
}

async function takesLogin(x: Asked, signal: AbortSignal): Promise<boolean> {
  return x.machine.freshLogin(signal).then(
    () => true,
    // Who refuses is there.
    (error: unknown) =>
      !(error instanceof ConnectError) || error instanceof HostKeyError || error instanceof LoginRefused,
  )
}

/** Resolves once the host was not there twice in a row; or with `signal`. */
async function gone(x: Asked, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await silence(x, signal).catch(() => undefined)
    await pause(x.clock, ASK_AFTER_MS, signal)
    if (!signal.aborted && !(await isThere(x, signal))) return
  }
}

/**
 * Acts on a host whose users are back: what it began goes on there by itself, but once the host is gone it is not waited
 * for. `act` finds itself cancelled then, and nothing more is begun.
 */
export async function whileHeard<X extends Asked & Pick<HostContext, 'signal'>>(
  x: X,
  act: (x: X) => Promise<StepsEnd>,
): Promise<StepsEnd> {
  const [late, over] = [new AbortController(), new AbortController()]
  const looks = AbortSignal.any([x.signal, over.signal])
  void gone(x, looks).then(() => looks.aborted || late.abort())
  try {
    const end = await act({ ...x, signal: AbortSignal.any([x.signal, late.signal]) }).catch((error: unknown) => {
      if (!late.signal.aborted) throw error
      return { t: 'cancelled' } as const
    })
    if (!late.signal.aborted || x.signal.aborted) return end
    const reason = `the host did not answer within ${ANSWER_MS / 1000} s, twice in a row, and takes no new login`
    return { t: 'failed', step: 'silence', reason }
  } finally {
    over.abort()
  }
}

/** Acts on the host as it is; where it does not answer, for half a minute at most: then `act` finds itself cancelled. */
export async function withinReach<T>(x: HostContext, act: (x: HostContext) => Promise<T>): Promise<T> {
  if (x.signal.aborted || (await answers(x, x.signal))) return act(x)
  const [late, over] = [new AbortController(), new AbortController()]
  void pause(x.clock, LAST_TRY_MS, over.signal).then(() => late.abort())
  try {
    return await act({ ...x, signal: AbortSignal.any([x.signal, late.signal]) })
  } finally {
    over.abort()
  }
}

/** Steps that `withinReach` has cut short were cut by a host that does not answer, not by a person. */
export function orLost(x: Pick<HostContext, 'signal'>, end: StepsEnd): StepsEnd {
  return end.t === 'cancelled' && !x.signal.aborted ? { t: 'lost', why: 'the host does not answer' } : end
}
