import type { Duplex } from 'node:stream'
import type { CheckEntry, HostConfig } from '../config/schema'
import type { Clock } from '../engine/clock'
import type { Remote } from '../host/remote'
import type { CheckOutcome, CheckResult } from './check'

/** The runner's own network: it may reach what users reach, never its cloud's metadata service. */
export interface RunnerNetwork {
  /**
   * @param isHttps what is spoken there is https: then a proxy of the machine is used, where it has one
   * @throws RefusedAddressError, ConnectError where a proxy refuses, or the error of the socket (with its `code`)
   */
  dial(host: string, port: number, signal: AbortSignal, isHttps?: boolean): Promise<Duplex>
}

/** What a probe may touch. It changes nothing anywhere. */
export interface ProbeContext {
  readonly remote: Pick<Remote, 'dial' | 'ask' | 'freshLogin'>
  readonly runner: RunnerNetwork
  /** The machine called so: `runner` or a helper. @throws when it cannot be reached. */
  readonly place: (name: string) => Promise<Pick<Remote, 'ask'>>
  readonly host: HostConfig
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** One declared or built-in check, ready to run any number of times. */
export interface Probe {
  /** `<kind>:<key>`, design 3.4. */
  readonly id: string
  readonly kind: string
  readonly expected: string
  /** The probe ends itself by then; `runProbe` gives up on it a little later. */
  readonly timeoutMs: number
  /** Costs too much for every round: asked in the last sweep only, which alone can open the gate. */
  readonly isSweepOnly?: true
  /** Whatever is neither clearly a pass nor clearly a fail is `unknown`. Never rejects by intent. */
  readonly run: (at: ProbeContext) => Promise<Seen>
}

export interface Seen {
  readonly outcome: CheckOutcome
  readonly actual: string
}

export const pass = (actual: string): Seen => ({ outcome: 'pass', actual })
export const fail = (actual: string): Seen => ({ outcome: 'fail', actual })
export const unreadable = (actual: string): Seen => ({ outcome: 'unknown', actual })

/** What a kind of check builds its probes from. */
export interface ProbeBuild {
  readonly host: HostConfig
  readonly runId: string
}

/** One kind of check of the maintenance file. Adding one is a file and a line in kinds.ts. */
export interface CheckKind {
  readonly kind: string
  /** null: the entry is of another kind. */
  readonly probe: (entry: CheckEntry, build: ProbeBuild) => Probe | null
}

/** The result that what a probe saw makes. */
export function resultOf(probe: Pick<Probe, 'id' | 'kind' | 'expected'>, seen: Seen): CheckResult {
  return { id: probe.id, kind: probe.kind, outcome: seen.outcome, expected: probe.expected, actual: seen.actual }
}
