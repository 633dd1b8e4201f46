import type { CheckResult } from '../checks/check'
import { lookWith } from '../checks/severity'
import type { Event, HostFacts, HostVerdict } from '../journal/event'
import type { Outcome, StageName } from '../plan/step'
import type { Finding, Observation, PackageChange, Rule } from '../stages/stage'
import { type Downtime, foldDowntime, NO_DOWNTIME } from './downtime'
import type { ReportCheck } from './report-schema'

export interface StepRecord {
  readonly id: string
  readonly title: string
  /** null: begun, not ended. */
  readonly outcome: Outcome | null
  readonly exitCode: number | null
  readonly durationMs: number | null
  readonly log: string | null
  /** The end of what it printed, as long as it runs and where it failed. */
  readonly tail: string
}

/** Enough to see why, too little to flood a page. */
const LONGEST_TAIL = 2_000

/**
 * A stage of which anything is known; a rollback makes some begin again, their times add up. A step can belong to a stage
 * that never began: a host that failed before is held in the name of verify.
 */
export interface StageRecord {
  /** null: it never began. */
  readonly startedAt: string | null
  /** ISO 8601 of the open turn; null: the last turn has ended. */
  readonly openSince: string | null
  readonly spentMs: number
  readonly outcome: Outcome | null
  readonly reason: string | null
  readonly steps: readonly StepRecord[]
}

export interface HostEnd {
  readonly at: string
  readonly verdict: HostVerdict
  readonly reason: string
  readonly rule: Rule | null
  readonly lastMaintained: string | null
  readonly nextDue: string | null
  readonly overrun: boolean
}

/** Everything the events say about one host. */
export interface HostRecord {
  readonly facts: HostFacts
  readonly wave: number | null
  readonly admitted: boolean
  readonly touched: boolean
  readonly end: HostEnd | null
  readonly stages: ReadonlyMap<StageName, StageRecord>
  readonly downtime: Downtime
  readonly checks: readonly ReportCheck[]
  readonly baseline: Record<string, unknown> | null
  readonly after: Record<string, unknown> | null
  readonly findings: readonly Finding[]
  readonly packages: readonly PackageChange[]
  /** Upgrades that are known and were not done: left alone, or only planned. */
  readonly pending: readonly PackageChange[]
  readonly backups: readonly { readonly id: string; readonly provedAt: string | null; readonly restoreWith: string }[]
  readonly reboot: {
    readonly needed: 'yes' | 'no' | 'unknown'
    readonly why: string
    readonly done: boolean
    readonly bootIdBefore: string | null
    readonly bootIdAfter: string | null
  }
  /** What an earlier run left and this one settled, and warnings. */
  readonly remarks: readonly string[]
}

export function newHostRecord(facts: HostFacts): HostRecord {
  return {
    facts,
    wave: facts.wave,
    admitted: false,
    touched: false,
    end: null,
    stages: new Map(),
    downtime: NO_DOWNTIME,
    checks: [],
    baseline: null,
    after: null,
    findings: [],
    packages: [],
    pending: [],
    backups: [],
    reboot: { needed: 'unknown', why: '', done: false, bootIdBefore: null, bootIdAfter: null },
    remarks: [],
  }
}

/** One event of this host laid over what is known of it. Pure. */
export function foldHost(before: HostRecord, event: Event): HostRecord {
  const host = { ...before, downtime: foldDowntime(before.downtime, event) }
  switch (event.type) {
    case 'admitted':
      return { ...host, admitted: true }
    case 'touched':
      return { ...host, touched: true }
    case 'settled':
    case 'warning':
      return { ...host, remarks: [...host.remarks, event.sentence] }
    case 'stage.begun':
    case 'stage.ended':
    case 'step.begun':
    case 'step.output':
    case 'step.ended':
      return {
        ...host,
        stages: new Map([...host.stages, [event.stage, foldStage(host.stages.get(event.stage), event)]]),
      }
    case 'observed':
      return foldObservation(host, event.what, event.at)
    case 'facts':
      return event.when === 'baseline' ? { ...host, baseline: event.facts } : { ...host, after: event.facts }
    case 'reboot.ordered':
      return { ...host, reboot: { ...host.reboot, bootIdBefore: event.bootId ?? host.reboot.bootIdBefore } }
    case 'reboot.done':
      return {
        ...host,
        reboot: { ...host.reboot, done: true, bootIdBefore: event.bootIdBefore, bootIdAfter: event.bootIdAfter },
      }
    case 'host.ended':
      return { ...host, end: event }
    default:
      return host
  }
}

type StageEvent = Extract<Event, { type: 'stage.begun' | 'stage.ended' | 'step.begun' | 'step.output' | 'step.ended' }>

function foldStage(before: StageRecord | undefined, event: StageEvent): StageRecord {
  const stage: StageRecord = before ?? {
    startedAt: null,
    openSince: null,
    spentMs: 0,
    outcome: null,
    reason: null,
    steps: [],
  }
  switch (event.type) {
    case 'stage.begun':
      return { ...stage, startedAt: stage.startedAt ?? event.at, openSince: event.at, outcome: null, reason: null }
    case 'stage.ended': {
      const turnMs = stage.openSince === null ? 0 : Math.max(0, Date.parse(event.at) - Date.parse(stage.openSince))
      return {
        ...stage,
        openSince: null,
        spentMs: stage.spentMs + turnMs,
        outcome: event.outcome,
        reason: event.reason,
      }
    }
    case 'step.begun':
    case 'step.output':
    case 'step.ended':
      return { ...stage, steps: foldSteps(stage.steps, event) }
  }
}

type StepEvent = Extract<StageEvent, { step: string }>

function foldSteps(steps: readonly StepRecord[], event: StepEvent): readonly StepRecord[] {
  const open = steps.findLastIndex((step) => step.id === event.step && step.outcome === null)
  const before = steps[open]
  switch (event.type) {
    case 'step.begun':
      return [...steps, { ...NEW_STEP, id: event.step, title: event.title }]
    case 'step.output':
      return before === undefined
        ? steps
        : steps.with(open, { ...before, tail: (before.tail + event.text).slice(-LONGEST_TAIL) })
    case 'step.ended': {
      const { outcome, exitCode, durationMs, title, log } = event
      const isBad = outcome === 'failed' || outcome === 'interrupted'
      const tail = isBad ? (before?.tail ?? '') : ''
      const ended = { id: event.step, title, outcome, exitCode, durationMs, log: log === '' ? null : log, tail }
      return before === undefined ? [...steps, ended] : steps.with(open, ended)
    }
  }
}

const NEW_STEP = { outcome: null, exitCode: null, durationMs: null, log: null, tail: '' } as const

function foldObservation(host: HostRecord, what: Observation, at: string): HostRecord {
  switch (what.kind) {
    case 'finding': {
      const { what: said, severity, advice, since } = what
      const finding: Finding = { what: said, severity, advice, ...(since === undefined ? {} : { since }) }
      const known = host.findings.some(
        (f) => f.what === finding.what && f.severity === finding.severity && f.advice === finding.advice,
      )
      return known ? host : { ...host, findings: [...host.findings, finding] }
    }
    case 'packages':
      return { ...host, packages: netChanges(host.packages, what.changes) }
    case 'pending':
      return { ...host, pending: what.changes }
    case 'backup': {
      const backup = { id: what.id, provedAt: what.proved ? at : null, restoreWith: what.restoreWith }
      return { ...host, backups: [...host.backups.filter((b) => b.id !== backup.id), backup] }
    }
    case 'reboot':
      return { ...host, reboot: { ...host.reboot, needed: what.needed, why: what.why } }
    case 'check': {
      const { id, kind, outcome, expected, actual, expectedChange } = what.check
      const change = expectedChange === true ? { expectedChange } : {}
      const look = lookAt(what.check)
      const check: ReportCheck = { id, kind, outcome, expected, actual, when: what.when, ...change, ...look }
      const known = host.checks.findIndex((c) => c.id === check.id && c.when === check.when)
      return { ...host, checks: known === -1 ? [...host.checks, check] : host.checks.with(known, check) }
    }
  }
}

/** Only of a check that failed. */
function lookAt(check: CheckResult): Pick<ReportCheck, 'look'> {
  if (check.outcome !== 'fail') return {}
  const command = lookWith(check)
  const journal = [...(check.journal ?? [])]
  return command === null && journal.length === 0 ? {} : { look: { command, journal } }
}

/** From the first version to the last one: a package that was rolled back to where it was has not changed. */
function netChanges(known: readonly PackageChange[], newer: readonly PackageChange[]): readonly PackageChange[] {
  const net = new Map(known.map((change) => [change.name, change]))
  for (const change of newer) {
    const first = net.get(change.name)
    net.set(
      change.name,
      first === undefined ? change : { ...change, from: first.from, security: first.security || change.security },
    )
  }
  return [...net.values()].filter((change) => change.from !== change.to)
}
