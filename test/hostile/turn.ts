import type { ServerChannel } from 'ssh2'
import type { Payload, PayloadKind } from './payloads'

/** The rogue's moment: a payload has come, and the host decides what it does with it. */
export interface Turn extends Payload {
  /** How many of this kind came before, on all connections. */
  readonly nth: number
  readonly channel: ServerChannel
  /** The real shell answers. */
  honest(): void
  /** The real shell answers, and its answer is changed on the way; the exit code too where one is given. */
  changed(change: (answer: Buffer) => Buffer | string, code?: number): void
  /** A whole answer, between the marks that belong to it. */
  answer(text: string | Buffer, code?: number | string): void
  /** The marks with which an answer begins, on both streams. */
  open(): void
  /** The marks with which it ends. */
  close(code?: number | string): void
  /** The whole connection goes. */
  hangUp(): void
}

/** What a rogue host does at each payload. */
export type Twist = (turn: Turn) => void

export const honest: Twist = (turn) => turn.honest()

/** The `nth` payload of a kind (counted from 0; null: every one) is met with `act`; the rest honestly. */
export function at(kind: PayloadKind, nth: number | null, act: Twist): Twist {
  return (turn) => (turn.kind === kind && (nth === null || turn.nth === nth) ? act(turn) : turn.honest())
}
