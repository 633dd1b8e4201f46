import { setTimeout as after } from 'node:timers/promises'

/** Time, handed in: tests run hours in no time, and nothing reads the wall clock behind the engine's back. */
export interface Clock {
  /** The wall clock: for what is shown and for the window, never for measuring. */
  now(): Date
  /** Milliseconds of a clock that only goes forward: for durations and deadlines. */
  monotonicMs(): number
  /** @throws the reason of `signal` once it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  async sleep(ms, signal) {
    signal.throwIfAborted()
    try {
      await after(Math.max(0, ms), undefined, { signal })
    } catch (error) {
      signal.throwIfAborted()
      throw error
    }
  },
}

/** Waits, or goes on at once when `signal` aborts: for loops that look at the signal themselves. */
export async function pause(clock: Pick<Clock, 'sleep'>, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await clock.sleep(ms, signal).catch(() => undefined)
}
