import type { CheckResult } from '../checks/check'
import type { Judge, JudgeInput } from '../checks/judge'
import { declaredProbes } from '../checks/kinds'
import { login } from '../checks/login'
import type { Probe } from '../checks/probe'
import { steady } from '../checks/steady'
import {
  drainedServicesActive,
  expectedBootAndKernel,
  noNewlyFailedUnit,
  packageManagerConsistent,
  type Rebooted,
} from '../compare/builtin'
import { compareWithBaseline } from '../compare/compare'
import { compareSecurity } from '../compare/security'
import type { HostConfig } from '../config/schema'
import { comparedFacts } from '../facts/baseline'
import { bootId } from '../facts/boot-id'
import type { Fact } from '../facts/fact'
import { failedUnits } from '../facts/failed-units'
import { initSystem } from '../facts/init-system'
import { newestKernel } from '../facts/newest-kernel'
import { runningServices, unitId, units, unitsWith } from '../facts/units'
import { matchesGlob } from '../glob/glob'
import { packageConsistency, packageManagerId } from '../packages/facts'
import { startServicesPhase } from '../services/systemd'
import type { Stage } from './stage'

/** Starts what drain stopped, behind the drain. The checks themselves are rounds of the engine: they are no steps. */
export const verify: Stage = { name: 'verify', phases: [startServicesPhase] }

export interface VerifyInput {
  readonly host: HostConfig
  readonly runId: string
  readonly rebooted: Rebooted
  /** Units the run has paused and not yet given back. */
  readonly pausedUnits: readonly string[]
  /** Units that were up before the maintenance. */
  readonly activeBefore: readonly string[]
}

/** All a host is verified by. The gate has to see a result of every id in `required`. */
export interface Verification {
  readonly probes: readonly Probe[]
  readonly judges: readonly Judge[]
  /** What the judges of such a round decide from, read afresh in it. */
  readonly facts: { readonly pass: readonly Fact<unknown>[]; readonly sweep: readonly Fact<unknown>[] }
  readonly required: readonly string[]
}

/** The built-in checks, which no file switches off; compare and security as the file says; the declared checks. */
export function verifyChecks(x: VerifyInput): Verification {
  const probes = [login, ...declaredProbes(x.host.stages.verify.checks, { host: x.host, runId: x.runId })]
  const builtins = builtinJudges(x)
  const services = servicesOf(x.host).map(unitId)
  const unitFacts = [initSystem, unitsWith([...x.activeBefore, ...services]), failedUnits]
  return {
    probes,
    judges: [...builtins, ...comparingJudges(x)],
    // Units come and go by the second; what an update did to packages, boot or listeners stays until it is mended.
    facts: {
      pass: [initSystem, runningServices(services), failedUnits],
      sweep: isCompared(x.host)
        ? [...comparedFacts.filter((fact) => fact.id !== units.id), ...unitFacts, newestKernel, ...packageFacts]
        : [...unitFacts, bootId, newestKernel, ...packageFacts],
    },
    required: [...probes.map((probe) => probe.id), steady.id, ...builtins.map((judge) => judge.id)],
  }
}

function builtinJudges({ host, rebooted }: VerifyInput): readonly Judge[] {
  const globs = host.stages.verify.expect_changes
  const isExpected = (id: string) => globs.some((glob) => matchesGlob(glob, id))
  const one = (id: string, check: (x: JudgeInput) => CheckResult): Judge => ({ id, judge: (x) => [check(x)] })
  const last = (judge: Judge): Judge => ({ ...judge, isSweepOnly: true })
  return [
    last(one('builtin:packages', ({ now }) => packageManagerConsistent(now))),
    one('builtin:units', ({ baseline, now }) => noNewlyFailedUnit(baseline, now, isExpected)),
    last(one('builtin:boot', ({ baseline, now }) => expectedBootAndKernel(baseline, now, rebooted))),
    one('builtin:services', ({ now }) => drainedServicesActive(now, servicesOf(host))),
  ]
}

const packageFacts = [packageManagerId, packageConsistency]
const isCompared = ({ stages: { verify } }: HostConfig) => verify.compare || verify.security

function servicesOf(host: HostConfig): readonly string[] {
  return host.stages.drain.services.map((service) => service.name)
}

function comparingJudges({ host, pausedUnits }: VerifyInput): readonly Judge[] {
  const { compare, security, expect_changes: expectChanges } = host.stages.verify
  const options = { expectChanges, drainedServices: servicesOf(host), pausedUnits }
  return [
    ...(compare ? [against('compare:baseline', (b, { now }) => compareWithBaseline(b, now, options))] : []),
    ...(security ? [against('security:baseline', (b, { now }) => compareSecurity(b, now, { expectChanges }))] : []),
  ]
}

/** Without a baseline there is nothing to compare with: the comparison is `skipped`, and says so. */
function against(
  id: string,
  judge: (baseline: NonNullable<JudgeInput['baseline']>, x: JudgeInput) => readonly CheckResult[],
): Judge {
  const kind = id.slice(0, id.indexOf(':'))
  const none = {
    id,
    kind,
    outcome: 'skipped',
    expected: 'as before the maintenance',
    actual: 'no baseline is stored',
  } as const
  return { id, isSweepOnly: true, judge: (x) => (x.baseline === undefined ? [none] : judge(x.baseline, x)) }
}
