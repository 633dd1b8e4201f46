import type { HostVerdict, Mode, RunReason, RunVerdict } from '../journal/event'

export interface Ending {
  /** null: the run was refused before its mode was known. */
  readonly mode: Mode | null
  readonly verdict: RunVerdict
  readonly reason: RunReason
  /** Verdicts of all hosts of the run. */
  readonly hosts: readonly HostVerdict[]
}

/** Green reasons of a refused run: nothing was to be done now. */
const CALM: readonly RunReason[] = ['too-early', 'freeze', 'already-done']

/** Whether the job ends green (design 3.2). Whatever is not in the table is red. Pure. */
export function isGreen({ mode, verdict, reason, hosts }: Ending): boolean {
  if (verdict === 'refused') return mode !== null && mode !== 'plan' && mode !== 'verify' && CALM.includes(reason)
  switch (mode) {
    case 'run':
    case 'finish':
    case 'verify':
      return verdict === 'live'
    case 'plan':
      return verdict === 'planned'
    case 'announce':
      return verdict === 'announced'
    case 'recover':
      return (verdict === 'live' || verdict === 'partial') && hosts.every((h) => h !== 'held' && h !== 'unreachable')
    case null:
      return false
  }
}

/** Exit of the command line: 0 green, 1 red, 2 bad usage or file, 3 refused by lease or key. */
export function exitCodeOf(ending: Ending): 0 | 1 | 2 | 3 {
  if (isGreen(ending)) return 0
  if (ending.reason === 'lease' || ending.reason === 'key') return 3
  return ending.reason === 'file' || ending.reason === 'event' ? 2 : 1
}
