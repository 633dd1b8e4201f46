import type { RunVerdict } from '../journal/event'
import { STAGES, type StageName } from '../plan/step'
import { downtimeMs } from './downtime'
import type { HostEnd, HostRecord, StageRecord } from './host-record'
import type { Report, ReportHost, ReportStage } from './report-schema'
import type { RunRecord } from './run-record'

/** report.json (design 3.4). A run whose end is not among the events was cut: `failed`. Pure. @throws without any event */
export function reportOf(record: RunRecord): Report {
  const { facts, startedAt, lastAt } = record
  if (startedAt === null || lastAt === null) throw new Error('a report needs at least one event')
  return {
    version: 1,
    run: {
      id: record.id,
      verdict: runVerdict(record),
      reason: record.end?.reason ?? 'none',
      mode: facts?.mode ?? null,
      configHash: facts?.configHash || null,
      planHash: facts?.planHash || null,
      startedAt,
      endedAt: lastAt,
      url: facts?.url ?? null,
      actor: facts?.actor ?? null,
      overrides: [...(facts?.overrides ?? [])],
    },
    hosts: [...record.hosts.values()].map((host) => reportHost(host, lastAt)),
  }
}

function runVerdict(record: RunRecord): RunVerdict {
  return record.end?.verdict ?? 'failed'
}

function reportHost(host: HostRecord, runEndedAt: string): ReportHost {
  const end = hostEnd(host, runEndedAt)
  const cameBack = end.verdict !== 'held' && end.verdict !== 'unreachable'
  const { name, address, group, isolation } = host.facts
  const { needed, done, bootIdBefore, bootIdAfter } = host.reboot
  return {
    name,
    address,
    group,
    wave: host.wave,
    verdict: end.verdict,
    reason: end.reason,
    rule: end.rule && { name: end.rule.name, value: end.rule.value, line: end.rule.line },
    isolation,
    touched: host.touched,
    overrun: end.overrun,
    downtimeMs: downtimeMs(host.downtime, cameBack, Date.parse(end.at)),
    lastMaintained: end.lastMaintained || null,
    nextDue: end.nextDue || null,
    stages: STAGES.map((stage) => reportStage(stage, host.stages.get(stage))),
    checks: host.checks.map((check) => ({ ...check })),
    baseline: host.baseline,
    after: host.after,
    findings: host.findings.map((finding) => ({ ...finding })),
    packages: host.packages.map((change) => ({
      name: change.name,
      from: change.from,
      to: change.to,
      security: change.security,
    })),
    backups: host.backups.map((backup) => ({ ...backup })),
    reboot: { needed, done, bootIdBefore, bootIdAfter },
  }
}

/**
 * How the host ended. Without its verdict among the events the run was cut: a host that was not admitted is untouched,
 * one that was admitted waits for a person, for nobody knows how it is.
 */
export function hostEnd(host: HostRecord, runEndedAt: string): HostEnd {
  if (host.end !== null) return host.end
  const cut = { at: runEndedAt, rule: null, lastMaintained: null, nextDue: null, overrun: false }
  if (!host.admitted && !host.touched)
    return { ...cut, verdict: 'untouched', reason: 'The run ended before anything was done to this host.' }
  const stage = STAGES.findLast((name) => host.stages.has(name))
  return { ...cut, verdict: 'held', reason: `The run ended in ${stage ?? 'prepare'}, before this host had a verdict.` }
}

function reportStage(name: StageName, stage: StageRecord | undefined): ReportStage {
  const steps = (stage?.steps ?? []).map(({ tail: _, ...step }) => ({
    ...step,
    outcome: step.outcome ?? 'interrupted',
  }))
  if (stage === undefined || stage.startedAt === null)
    return { name, outcome: 'skipped', reason: null, startedAt: null, durationMs: null, steps }
  return {
    name,
    outcome: stage.outcome ?? 'interrupted',
    reason: stage.reason,
    startedAt: stage.startedAt,
    durationMs: stage.openSince === null ? stage.spentMs : null,
    steps,
  }
}
