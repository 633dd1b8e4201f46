import type { ProbeContext, Seen } from './probe'

/** Runs `look` with a signal that ends at `timeoutMs`; what was not finished by then becomes `late`. */
export async function within(
  timeoutMs: number,
  at: ProbeContext,
  look: (at: ProbeContext) => Promise<Seen>,
  late: () => Seen,
): Promise<Seen> {
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await look({ ...at, signal: AbortSignal.any([at.signal, deadline]) })
  } catch (error) {
    // Being cancelled is no fault of the service: it ends as unknown, one level up.
    if (deadline.aborted && !at.signal.aborted) return late()
    throw error
  }
}
