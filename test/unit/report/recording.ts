import type { Event, EventBody, HostFacts, RunFacts } from '../../../src/journal/event'

/** 2026-11-22 02:00:00 UTC, a Sunday in the window. */
export const START = Date.UTC(2026, 10, 22, 2, 0, 0)

export const runFacts: RunFacts = {
  id: 'r1',
  mode: 'run',
  file: 'maintenance.yml',
  name: 'Weekly maintenance',
  owner: 'ops@example.com',
  configHash: 'c0ffee',
  planHash: null,
  url: 'https://github.com/acme/ops/actions/runs/1',
  actor: 'octocat',
  overrides: [],
}

export function hostFacts(name: string, more: Partial<HostFacts> = {}): HostFacts {
  return { name, address: `${name}.internal`, group: 'web', line: 10, wave: 0, isolation: 'isolated', ...more }
}

/** A hand-made recording: events at a second after START, of a host or (null) of the run. */
export function recording(
  ...entries: readonly (readonly [second: number, host: string | null, body: EventBody])[]
): Event[] {
  return entries.map(([second, host, body], i) => ({
    ...body,
    v: 1,
    seq: i + 1,
    at: new Date(START + second * 1000).toISOString(),
    run: runFacts.id,
    host,
  }))
}
