import type { RunnerNetwork } from '../checks/probe'
import type { HostConfig } from '../config/schema'
import type { Machine } from '../host/machine'
import type { EventBody, Mode } from '../journal/event'
import type { Place } from '../plan/step'
import type { Clock } from './clock'

/** What the engine needs of the world. Everything else it is told as data. */
export interface EngineIo {
  /** A new connection to a machine of the file. @throws ConnectError and its kin, NoRootError */
  readonly open: (host: HostConfig, signal: AbortSignal) => Promise<Machine>
  /** The shared machine of a helper or the runner, with its lease. */
  readonly shared: (place: Place) => Promise<Machine>
  readonly network: RunnerNetwork
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly tell: (body: EventBody, host: string | null) => void
  /** The text without anything that must never be seen. */
  readonly mask: (text: string) => string
  readonly run: {
    readonly id: string
    readonly mode: Mode
    readonly url: string
    /** The maintenance file as it was named to the run, for sentences. */
    readonly file: string
  }
  /** Post: only drains of untouched hosts are undone; what is touched is reported and left to the next run. */
  readonly onlyUndo: boolean
  /** Ledger key of the present opening of the host's window; null: no window, no ledger. */
  readonly ledgerKey: (host: HostConfig) => string | null
  /** Why nothing disruptive may be begun on the host at this moment (its window); null: it may. */
  readonly barred: (host: HostConfig) => string | null
  /** When the present opening of the host's window ends, and when the next one begins; null: no window. */
  readonly closes: (host: HostConfig) => Date | null
  readonly nextDue: (host: HostConfig) => Date | null
}
