import pLimit from 'p-limit'
import { MaintenanceError } from '../errors'
import type { CheckResult } from './check'
import { cleanText } from './excerpt'
import { type Probe, type ProbeContext, resultOf, type Seen, unreadable } from './probe'

/** Probes of one host that run at once: enough to hide a slow one, few enough for a small host. */
const AT_ONCE = 4
/** A probe that does not keep its own timeout is given up after this much more. */
const GRACE_MS = 5_000

/** Runs every probe once. One result a probe, in their order; never rejects, never hangs. */
export async function runProbes(probes: readonly Probe[], at: ProbeContext): Promise<readonly CheckResult[]> {
  const limit = pLimit(AT_ONCE)
  return Promise.all(probes.map((probe) => limit(() => runProbe(probe, at))))
}

/** Runs one probe. A probe that throws, hangs or is cancelled ends as `unknown`. */
export async function runProbe(probe: Probe, at: ProbeContext): Promise<CheckResult> {
  const guard = new AbortController()
  const signal = AbortSignal.any([at.signal, guard.signal])
  try {
    const seen = await Promise.race([
      probe.run({ ...at, signal }),
      overtime(probe.timeoutMs + GRACE_MS, signal),
      aborted(at.signal),
    ])
    return resultOf(probe, seen)
  } catch (error) {
    return resultOf(probe, unreadable(whyOf(error)))
  } finally {
    guard.abort()
  }
}

async function overtime(ms: number, signal: AbortSignal): Promise<Seen> {
  await until(signal, ms)
  return unreadable(`no result within ${Math.round(ms / 1000)} s`)
}

async function aborted(signal: AbortSignal): Promise<Seen> {
  await until(signal)
  const { reason } = signal
  return unreadable(reason instanceof MaintenanceError ? whyOf(reason) : 'cancelled before it ended')
}

/** Resolves when the signal is aborted or, where given, after `ms`. Leaves no timer behind. */
function until(signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
    const stop = () => {
      clearTimeout(timer)
      resolve()
    }
    signal.addEventListener('abort', stop, { once: true })
  })
}

/** One sentence about an error of ours or of a socket, with its code where it has one. */
export function whyOf(error: unknown): string {
  if (error instanceof MaintenanceError) return cleanText(error.message, 200)
  const code = codeOf(error)
  const text = error instanceof Error ? error.message : String(error)
  return cleanText(code === null || text.includes(code) ? text : `${text} (${code})`, 200)
}

/** `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT` …, or null. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}
