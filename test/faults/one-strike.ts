import { join } from 'node:path'
import { keepEvidence } from './evidence'
import type { Fleet } from './fleet'
import { judge } from './judge'
import { isHalfConfigured } from './judge-packages'
import type { RunEnd } from './pitstop-run'
import type { Result } from './result'
import { STRUCK } from './scenario'
import { type StrikeWant, strike } from './strike'

export interface StrikePlace {
  readonly fleet: Fleet
  readonly bundle: string
  readonly workspace: string
  /** Below it each broken promise gets a folder. */
  readonly evidence: string
  readonly seed: number
  readonly version: string
}

/** Strikes, judges, and keeps what is needed to understand a broken promise. */
export async function oneStrike(want: StrikeWant, place: StrikePlace): Promise<Result> {
  const { record, leased, seconds } = await strike(want, place.fleet, place.bundle, place.workspace)
  const broken = record === null ? [] : judge(record)
  const name = [want.variant, want.fault?.name ?? 'none', want.point ?? '', Date.now()].join('-')
  const evidence = broken.length > 0 ? join(place.evidence, name.replaceAll(/[^A-Za-z0-9.-]+/g, '_')) : null
  if (record !== null && evidence !== null) await keepEvidence(evidence, place.workspace, place.fleet, record, broken)
  return {
    at: new Date().toISOString(),
    seed: place.seed,
    version: place.version,
    variant: want.variant,
    fault: want.fault?.name ?? 'none',
    point: want.point,
    isBroken: want.isBroken,
    secondMode: want.secondMode,
    alone: want.alone,
    isMissed: record === null,
    firstVerdict: record === null || want.fault?.killsRunner === true ? null : verdictOf(record.first),
    secondVerdict: record === null ? null : verdictOf(record.second),
    secondReason: record?.second.report?.hosts.find((host) => host.name === STRUCK)?.reason ?? null,
    isHalfConfigured: record !== null && isHalfConfigured(record),
    leased,
    boots: record?.afterSecond.get(STRUCK)?.witness.filter((line) => line.what === 'boot').length ?? 0,
    broken,
    evidence,
    seconds: Math.round(seconds * 10) / 10,
  }
}

function verdictOf(run: RunEnd): string | null {
  return run.report?.hosts.find((host) => host.name === STRUCK)?.verdict ?? null
}
