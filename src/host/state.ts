/** What a host remembers between runs (`<state_dir>/state`): small, frozen, readable by every later version. */
export interface HostState {
  readonly v: 1
  /** The run that wrote it; empty: no run ever did. */
  readonly run: string
  readonly token: number
  readonly phase: 'idle' | 'prepare' | 'monitor' | 'drain' | 'clean' | 'update' | 'verify' | 'golive' | 'held'
  readonly touched: boolean
  /** The host was taken out of service by a run, and is not back. */
  readonly drained: boolean
  /** ISO 8601, of the runner: shown only, never compared. */
  readonly since: string
  /** `<hash of file name>@<window opening>` of the last finished maintenance. */
  readonly ledger: string
  /** Verdict of that maintenance. */
  readonly ledgerVerdict: string
  /** ISO 8601 of the last verdict live or rolled-back. */
  readonly lastMaintained: string
}

export const FRESH: HostState = {
  v: 1,
  run: '',
  token: 0,
  phase: 'idle',
  touched: false,
  drained: false,
  since: '',
  ledger: '',
  ledgerVerdict: '',
  lastMaintained: '',
}
