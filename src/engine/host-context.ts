import type { HostConfig } from '../config/schema'
import { Facts } from '../facts/fact'
import type { Machine } from '../host/machine'
import type { EventBody, Mode } from '../journal/event'
import type { Place, Secret, StepResult } from '../plan/step'
import type { PackageChange, StageInput } from '../stages/stage'
import type { Clock } from './clock'
import type { Doubt } from './well-being'

/** What one host's work is made of: its machine, the other places its steps may run at, and what is known so far. */
export interface HostContext {
  readonly host: HostConfig
  readonly machine: Machine
  /** The machine of a place; the lease of a helper or the runner is taken when it is first asked for. */
  readonly place: (place: Place) => Promise<Machine>
  readonly clock: Clock
  /** Aborts when the run is cancelled: nothing new begins. */
  readonly signal: AbortSignal
  readonly tell: (body: EventBody) => void
  /** For what is written on a host: the text without anything that must never be seen. */
  readonly mask: (text: string) => string
  readonly run: {
    readonly id: string
    readonly mode: Mode
    readonly url: string
    /** The maintenance file as it was named to the run, for sentences. */
    readonly file: string
  }
  /** One sentence where nothing may begin on this host any more (the lease could not be renewed), else null. */
  readonly mayBegin: () => string | null
  /** Key of the present opening of the host's window in its ledger; null: no window, no ledger. */
  readonly ledgerKey: () => string | null
  readonly known: HostKnowledge
  /** Folder of the earlier run whose work goes on: its packages lie there. Left out: this run's own. */
  readonly runDir?: string
  /** Programs do not wait for the one that is at work: see `Program.beside`. */
  readonly beside?: true
}

/** What changes while a host is worked on. */
export interface HostKnowledge {
  facts: Facts
  baseline: Facts | undefined
  /** Ids of facts that were read since anything was last done: asked again they would say the same. */
  readonly fresh: Set<string>
  /** A fresh login that was tried since anything was last done: null within, it worked. */
  login: Promise<string | null> | null
  readonly results: Map<string, StepResult>
  /** When it was admitted, by the clock's monotonic milliseconds; null: not (yet) in this run. */
  admittedAtMs: number | null
  /** Number of the next program: each gets a name of its own. */
  programs: number
  /** Packages that this run will change, by the package manager's own simulation. */
  pending: readonly PackageChange[]
  reboot: { needed: 'yes' | 'no' | 'unknown'; bootIdBefore: string | null; bootIdAfter: string | null }
  /** Places that hold undos of this run, in the order of their first one, with the secrets those undos need. */
  readonly undoPlaces: Map<Place, Readonly<Record<string, Secret>>>
  /** The drain found that nothing disruptive is pending, and left users where they are. */
  inView: boolean
  /** What the host is to be maintained with is on its disk, with a program of this run. */
  isPlanNoted: boolean
  /** Whether its users are served, by the last look. */
  doubt: Doubt
  /** The run whose maintenance this one goes on with; null: none. */
  goesOnWith: string | null
  /** The host took itself out by a driver that the file names no more: its own undos bring it back. */
  hasOwnUndos: boolean
  /** It may have booted since its baseline, by order of the run this one goes on with. */
  mayHaveRebooted: boolean
  /** Findings that were told, by fingerprint, with the time of their first telling. */
  readonly findings: Map<string, string>
  /** Parts of the plan that are not done and will not be, in words. */
  leftOut: readonly string[]
}

export function freshKnowledge(): HostKnowledge {
  return {
    facts: new Facts(),
    baseline: undefined,
    fresh: new Set(),
    login: null,
    results: new Map(),
    admittedAtMs: null,
    programs: 0,
    pending: [],
    reboot: { needed: 'unknown', bootIdBefore: null, bootIdAfter: null },
    undoPlaces: new Map(),
    inView: false,
    isPlanNoted: false,
    doubt: undefined,
    goesOnWith: null,
    hasOwnUndos: false,
    mayHaveRebooted: false,
    findings: new Map(),
    leftOut: [],
  }
}

/** Neither changed nor taken out of service: a run that ends here leaves the host untouched. */
export function isAsBefore(x: HostContext): boolean {
  return !x.machine.state.touched && !x.machine.state.drained
}

/** What a stage plans from, at this moment. */
export function stageInput(x: HostContext): StageInput {
  const mode = x.run.mode === 'plan' || x.run.mode === 'verify' || x.run.mode === 'recover' ? x.run.mode : 'run'
  return {
    host: x.host,
    facts: x.known.facts,
    state: x.machine.state,
    baseline: x.known.baseline,
    results: x.known.results,
    rights: x.machine.rights,
    run: { id: x.run.id, mode, now: x.clock.now() },
    ...(x.known.inView ? { inView: true } : {}),
    runDir: x.runDir ?? x.machine.runDir,
  }
}
