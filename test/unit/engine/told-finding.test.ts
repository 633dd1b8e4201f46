import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freshKnowledge } from '../../../src/engine/host-context'
import { keepFindings, toldFinding } from '../../../src/engine/told-finding'
import { findingsFile, KEPT_FINDINGS, standingFindings } from '../../../src/facts/standing-findings'
import type { Event } from '../../../src/journal/event'
import { LiveLog } from '../../../src/report/log'
import { reportOf } from '../../../src/report/report'
import { recordOf } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import { Redactor } from '../../../src/show/redact'
import type { Finding } from '../../../src/stages/stage'
import { factsOf } from '../../fixtures/stage-input'
import { hostFacts, recording, runFacts } from '../report/recording'

let stateDir: string
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'pitstop-findings-'))
})
afterEach(() => rmSync(stateDir, { recursive: true }))

const warn = (what: string): Finding => ({ what, severity: 'warn', advice: `Mend ${what}` })
const sh = (text: string) => spawnSync('sh', ['-c', text], { encoding: 'utf8' })

/** One maintenance that finds this on the host: it reads what the last one left, tells, and leaves its own. */
function run(day: string, findings: readonly Finding[], goesOnWith: string | null = null): readonly Event[] {
  const fact = standingFindings(stateDir)
  const { stdout, status } = sh(fact.sh.text)
  const read = fact.parse(stdout, status ?? 1)
  const known = { ...freshKnowledge(), facts: factsOf([fact, read.ok ? read.value : undefined]), goesOnWith }
  const clock = {
    now: () => new Date(`${day}T02:00:00.000Z`),
    monotonicMs: () => 0,
    sleep: () => Promise.resolve(),
  }
  const x = { clock, machine: { stateDir }, known }
  const told = findings.map((finding) => toldFinding(x, { kind: 'finding', ...finding }))
  expect(sh(keepFindings(x).text)).toMatchObject({ status: 0, stderr: '' })
  return recording(
    [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }],
    ...told.map((what, i) => [i + 1, 'web-1', { type: 'observed', stage: 'monitor', what }] as const),
    [
      60,
      'web-1',
      {
        type: 'host.ended',
        verdict: 'live',
        reason: 'maintained',
        rule: null,
        lastMaintained: null,
        nextDue: null,
        overrun: false,
      },
    ],
  )
}

const summary = (events: readonly Event[]) => summaryOf(recordOf(events))
const found = (events: readonly Event[]) => reportOf(recordOf(events)).hosts[0]?.findings

function log(events: readonly Event[]): string {
  const lines: string[] = []
  const live = new LiveLog({ line: (text) => lines.push(text) }, new Redactor([]))
  for (const event of events) live.add(event)
  return lines.join('\n')
}

it('findings that stand every week: once in full, then a count; the report has every one', () => {
  const both = [warn('old dbus'), warn('disk 91 % full')]
  const first = run('2026-11-02', both)
  for (const text of [summary(first), log(first)]) {
    expect(text).toContain('Mend old dbus')
    expect(text).not.toContain('as before')
  }
  expect(found(first)).toEqual(both)
  run('2026-11-09', both)
  const third = run('2026-11-16', both)
  for (const text of [summary(third), log(third)]) {
    expect(text).toContain('2 findings stand as before, the first since 2026-11-02; report.json has them')
    expect(text).not.toContain('old dbus')
  }
  expect(found(third)).toEqual(both.map((f) => ({ ...f, since: '2026-11-02T02:00:00.000Z' })))
})

it('a finding whose words change is told in full again, beside the count of the others', () => {
  run('2026-11-02', [warn('old dbus'), warn('disk 91 % full')])
  const events = run('2026-11-09', [warn('old dbus'), warn('disk 92 % full')])
  for (const text of [summary(events), log(events)]) {
    expect(text).toContain('Mend disk 92')
    expect(text).toContain('1 finding stands as before, since 2026-11-02; report.json has it')
  }
})

it('one that was gone for a maintenance is new when it comes back', () => {
  run('2026-11-02', [warn('old dbus')])
  run('2026-11-09', [])
  expect(existsSync(findingsFile(stateDir))).toBe(false)
  expect(summary(run('2026-11-16', [warn('old dbus')]))).toContain('Mend old dbus')
})

it('what blocks is told in full as long as it stands', () => {
  const block: Finding = { ...warn('full /boot'), severity: 'block' }
  run('2026-11-02', [block])
  const events = run('2026-11-09', [block])
  for (const text of [summary(events), log(events)]) {
    expect(text).toContain('Mend full /boot')
    expect(text).not.toContain('as before')
  }
})

it('H22: a file that somebody else wrote, or one from the future, hides nothing', () => {
  run('2026-12-31', [warn('old dbus')])
  expect(summary(run('2026-11-02', [warn('old dbus')]))).toContain('Mend old dbus')
  writeFileSync(findingsFile(stateDir), `${'x'.repeat(100_000)}\n`.repeat(3))
  expect(summary(run('2026-11-09', [warn('old dbus')]))).toContain('Mend old dbus')
})

it('a run that goes on with the work of another one leaves alone what was remembered', () => {
  run('2026-11-02', [warn('old dbus')])
  run('2026-11-09', [], 'r0')
  expect(summary(run('2026-11-16', [warn('old dbus')]))).toContain('since 2026-11-02')
})

it('the file stays small, however much is found', () => {
  const many = Array.from({ length: KEPT_FINDINGS + 50 }, (_, i) => warn(`finding ${i}`))
  run('2026-11-02', many)
  const again = found(run('2026-11-09', many)) ?? []
  expect(again.filter((f) => f.since !== undefined)).toHaveLength(KEPT_FINDINGS)
  expect(again).toHaveLength(many.length)
})
