import type { Sh } from '../shell/sh'

export const STAGES = ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive'] as const
export type StageName = (typeof STAGES)[number]

export type Outcome = 'done' | 'unchanged' | 'skipped' | 'failed' | 'interrupted'

/** Where a step runs: the target itself, the runner, or the name of a helper. No host may be called `host` or `runner`. */
export type Place = 'host' | 'runner' | (string & {})

/** The name of an environment variable of the runner; its value is read only at the edge (Secrets.get). */
export interface Secret {
  readonly env: string
}

/** How to take a step back. Pure data: written to the disk of the step's place before the step begins. */
export interface Undo {
  readonly run: Sh
  /** The dead man's timer may run it: it needs no secret and no other machine. */
  readonly onDeadMan: boolean
  /** Secrets it needs besides, given by the runner when it runs the undo; never written to the disk. */
  readonly secretEnv?: Readonly<Record<string, Secret>>
}

interface StepBase {
  /** Unique within the stage, `[a-z0-9.-]+`; part of the report. */
  readonly id: string
  /** What a person reads in the log: "Upgrade 12 packages". */
  readonly title: string
  readonly place: Place
  /** A failed required step ends its stage; a best-effort one becomes a finding. */
  readonly required: boolean
  /** Users notice: needs admission, and is announced before. */
  readonly disruptive: boolean
  /** Changes the place. Such a step runs detached, under lock and token, with its intent on disk before. */
  readonly changes: boolean
  readonly timeoutMs: number
}

export interface ShStep extends StepBase {
  readonly do: 'sh'
  readonly run: Sh
  /** Exit 0 means the wanted state is there already: the step ends `unchanged`, `run` is not started. */
  readonly already?: Sh
  /** Any exit but 0 means the step does not apply here: it ends `skipped`. */
  readonly onlyIf?: Sh
  readonly undo?: Undo
  /** `text`: for eyes only, streamed. `{ data }`: up to that many bytes come back in the result, exact but for NUL. */
  readonly output: 'text' | { readonly data: number }
  /** `kill` (default): ended at `timeoutMs` by the host itself. `leave`: never killed (package managers), see design 4.2. */
  readonly overtime?: 'kill' | 'leave'
  readonly env?: Readonly<Record<string, string>>
  readonly secretEnv?: Readonly<Record<string, Secret>>
  /** Has to be done on a full disk too: the megabyte that is kept for that day is given up for it (H32). */
  readonly onFullDisk?: true
  /** A file of the repository, sent whole beside the program; `run` names it as "$PITSTOP_SCRIPT". */
  readonly script?: { readonly text: string; readonly sha256: string }
}

/** Reboots the host once, and waits for a new boot id and a host that stays up for `stableMs`. */
export interface RebootStep extends StepBase {
  readonly do: 'reboot'
  readonly stableMs: number
}

/** Asks `until` (read only) again and again, until it exits 0 or the timeout is over (then: failed). */
export interface WaitStep extends StepBase {
  readonly do: 'wait'
  readonly until: Sh
  readonly everyMs: number
  /** It was so a moment ago, in the look this was planned from: it is not asked again. */
  readonly isMet?: boolean
}

export type Step = ShStep | RebootStep | WaitStep

export interface StepResult {
  readonly id: string
  readonly outcome: Outcome
  /** `null`: unknown (cut, never ended). Unknown is never success. */
  readonly exitCode: number | null
  readonly durationMs: number
  /** The captured bytes of a `{ data }` step, decoded as UTF-8 with replacement; empty for `text`. */
  readonly output: string
  /** More bytes came than the step allows: what is missing is unknown. */
  readonly truncated: boolean
  /** Last lines of a text step (stdout and stderr), at most 4 KiB, redacted; for messages only, never decided from. */
  readonly tail: string
}
