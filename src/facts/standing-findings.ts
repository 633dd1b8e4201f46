import { createHash } from 'node:crypto'
import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok } from './fact'
import { linesOf } from './text'

/** Findings of a host that are remembered; more than these are told in full each time. */
export const KEPT_FINDINGS = 200

/** A finding that an earlier run told, by what it said, and when it was first told (ISO 8601, of the runner). */
export interface StandingFinding {
  readonly print: string
  readonly since: string
}

/** Beside the state: one line a finding of the last maintenance that ended well. */
export const findingsFile = (stateDir: string) => `${stateDir}/findings`

/** The same for the same words alone: a finding that changes is another one. */
export function fingerprint(finding: {
  readonly what: string
  readonly severity: string
  readonly advice: string
}): string {
  const said = JSON.stringify([finding.what, finding.severity, finding.advice])
  return createHash('sha256').update(said).digest('hex').slice(0, 32)
}

/** What the last maintenance found. Lines in no form of ours are left out: their findings are told in full again. */
export function standingFindings(stateDir: string): Fact<readonly StandingFinding[]> {
  const path = findingsFile(stateDir)
  return {
    id: 'standing-findings',
    sh: sh`[ -f ${path} ] && [ -r ${path} ] || exit 0; head -n ${KEPT_FINDINGS} ${path}`,
    cap: 32_768,
    parse: onSuccess((out) => ok(linesOf(out).flatMap(readLine))),
  }
}

export function formatFinding({ print, since }: StandingFinding): string {
  return `${print} ${since}`
}

function readLine(line: string): StandingFinding[] {
  const [, print, since] = /^([0-9a-f]{32}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/.exec(line) ?? []
  if (print === undefined || since === undefined || Number.isNaN(Date.parse(since))) return []
  return [{ print, since }]
}
