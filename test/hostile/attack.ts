/** By what way the host reaches the runner. */
export type Where =
  | 'ssh'
  | 'login'
  | 'answer'
  | 'record'
  | 'text'
  | 'note'
  | 'state'
  | 'lease'
  | 'undo'
  | 'file'
  | 'path'
  | 'address'
  | 'event'
  | 'config'
  | 'secret'
  | 'helper'

/** One row of the table: who does what, and what must come of it. */
export interface Attack {
  readonly id: string
  readonly where: Where
  readonly does: string
  readonly must: string
}
