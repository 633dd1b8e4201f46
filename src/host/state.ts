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

const PHASES: readonly string[] = ['idle', 'prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive', 'held']
/** Words and moments are shown to people, and stand in the report: nothing else fits there. */
const VERDICTS: readonly string[] = ['', 'live', 'rolled-back', 'held', 'untouched', 'unreachable']
const isMoment = (text: string | undefined) =>
  text === '' || (/^\d{4}-\d\d-\d\dT[\d:.]{5,18}Z$/.test(text ?? '') && !Number.isNaN(Date.parse(text ?? '')))
const VALUE = /^[A-Za-z0-9._:@+-]{0,256}$/

/** One `key=value` a line. Keys that a later version added are kept out, never an error. */
export function formatState(state: HostState): string {
  return `${Object.entries(state)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join('\n')}\n`
}

/** The state of `text`, FRESH for an empty one, or null where it cannot be trusted (torn, forged, another version). */
export function parseState(text: string): HostState | null {
  if (text.trim() === '') return FRESH
  const pairs = new Map<string, string>()
  for (const line of text.split('\n').filter((l) => l !== '')) {
    const at = line.indexOf('=')
    if (at < 1 || !VALUE.test(line.slice(at + 1))) return null
    pairs.set(line.slice(0, at), line.slice(at + 1))
  }
  const get = (key: string) => pairs.get(key)
  const phase = get('phase') ?? ''
  const complete = Object.keys(FRESH).every((key) => pairs.has(key))
  if (!complete || get('v') !== '1' || !PHASES.includes(phase) || !/^\d{1,9}$/.test(get('token') ?? '')) return null
  if (!VERDICTS.includes(get('ledgerVerdict') ?? '') || ![get('since'), get('lastMaintained')].every(isMoment))
    return null
  if (![get('touched'), get('drained')].every((b) => b === 'true' || b === 'false')) return null
  return {
    v: 1,
    run: get('run') ?? '',
    token: Number(get('token')),
    phase: phase as HostState['phase'],
    touched: get('touched') === 'true',
    drained: get('drained') === 'true',
    since: get('since') ?? '',
    ledger: get('ledger') ?? '',
    ledgerVerdict: get('ledgerVerdict') ?? '',
    lastMaintained: get('lastMaintained') ?? '',
  }
}
