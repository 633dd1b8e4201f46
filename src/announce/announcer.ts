import type { Event } from '../journal/event'
import type { RunRecorder } from '../report/run-record'

/** Tells people outside about a run. Nothing it meets can change a verdict: it neither throws nor keeps the engine waiting. */
export interface Announcer {
  /** One event of the run; `run.record()` is what is known with it. Returns at once. */
  take(event: Event, run: Pick<RunRecorder, 'record'>): void
  /** Ends what is under way, repeats once what failed, and gives up in bounded time. Never rejects. */
  finish(): Promise<void>
}

/** How it went: becomes the event `told`. `why` is one sentence of ours, null where it went well. */
export type Told = (who: string, ok: boolean, why: string | null) => void
