import { expect, test } from 'vitest'
import type { EventBody, HostVerdict, RunVerdict } from '../../../src/journal/event'
import { STAGES } from '../../../src/plan/step'
import { recordOf } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import type { Observation, Rule } from '../../../src/stages/stage'
import { RECORDED, recorded, thousandHosts } from './recorded'
import { hostFacts, recording, runFacts } from './recording'

type Entry = readonly [number, string | null, EventBody]

function ended(verdict: HostVerdict, reason: string, rule: Rule | null = null): EventBody {
  return { type: 'host.ended', verdict, reason, rule, lastMaintained: null, nextDue: null, overrun: false }
}
const runEnded = (verdict: RunVerdict, sentence: string): Entry => [
  2460,
  null,
  { type: 'run.ended', verdict, reason: 'none', sentence },
]
const begun = (...hosts: string[]): Entry => [
  0,
  null,
  { type: 'run.begun', about: runFacts, hosts: hosts.map((name) => hostFacts(name)) },
]
const observed = (host: string, what: Observation): Entry => [500, host, { type: 'observed', stage: 'verify', what }]

/** A host that went through all stages, with one of them failed. */
function through(host: string, failed?: (typeof STAGES)[number]): Entry[] {
  const last = failed === undefined ? STAGES.length : STAGES.indexOf(failed) + 1
  return [
    ...STAGES.slice(0, last).flatMap((stage, i): Entry[] => [
      [10 + i * 60, host, { type: 'stage.begun', stage }],
      ...(stage === 'drain'
        ? ([
            [140, host, { type: 'admitted' }],
            [141, host, { type: 'step.begun', stage, step: 'out', title: 'Drain', disruptive: true }],
          ] satisfies Entry[])
        : []),
      [
        60 + i * 60,
        host,
        {
          type: 'stage.ended',
          stage,
          outcome: stage === failed ? 'failed' : 'done',
          reason: stage === failed ? 'it failed' : null,
        },
      ],
    ]),
    observed(host, {
      kind: 'backup',
      id: 'archive:/etc',
      proved: true,
      restoreWith: `tar -xzf /var/backups/pitstop/${host}.tgz -C /`,
    }),
    observed(host, {
      kind: 'packages',
      changes: [
        { name: 'nginx', from: '1.22.1-9', to: '1.22.1-9+deb12u1', security: true },
        { name: 'curl', from: null, to: '7.88', security: false },
        { name: 'old', from: '1', to: null, security: false },
      ],
    }),
    observed(host, { kind: 'reboot', needed: 'no', why: '' }),
  ]
}

const cases: Record<string, Entry[]> = {
  'all-live': [
    begun('web-1', 'web-2'),
    ...['web-1', 'web-2'].flatMap((h): Entry[] => [
      ...through(h),
      [420, h, { type: 'traffic', state: 'in', act: 'undrained' }],
      [490, h, ended('live', 'maintained')],
    ]),
    runEnded('live', 'All 2 hosts are live.'),
  ],
  'one-held': [
    begun('web-1', 'web-2', 'web-3'),
    ...through('web-1', 'verify'),
    observed('web-1', {
      kind: 'check',
      when: 'verify',
      check: {
        id: 'http:http://localhost:8080/health',
        kind: 'http',
        outcome: 'fail',
        expected: '200',
        actual: '502 `Bad` | Gateway\n</td>@everyone',
      },
    }),
    observed('web-1', {
      kind: 'check',
      when: 'verify',
      check: { id: 'unit:app.service', kind: 'unit', outcome: 'unknown', expected: 'active', actual: '' },
    }),
    observed('web-1', {
      kind: 'check',
      when: 'verify',
      check: { id: 'tcp:localhost:22', kind: 'tcp', outcome: 'pass', expected: 'open', actual: 'open' },
    }),
    observed('web-1', {
      kind: 'check',
      when: 'verify',
      check: { id: 'unit:nginx.service', kind: 'unit', outcome: 'pass', expected: 'active', actual: 'active' },
    }),
    observed('web-1', {
      kind: 'check',
      when: 'verify',
      check: {
        id: 'port:tcp/0.0.0.0:9100',
        kind: 'port',
        outcome: 'warn',
        expected: 'no listener',
        actual: 'listens (node)',
      },
    }),
    observed('web-1', {
      kind: 'finding',
      what: 'The certificate of example.com ends in 10 days.',
      severity: 'warn',
      advice: 'Renew it.',
    }),
    [
      900,
      'web-1',
      ended('held', 'http:http://localhost:8080/health expected 200, got 502', {
        name: 'rollout.on_failure',
        value: 'hold',
        line: 31,
      }),
    ],
    [
      901,
      'web-2',
      ended('untouched', 'The canary of its group failed.', { name: 'rollout.canary', value: '1', line: null }),
    ],
    observed('web-2', { kind: 'pending', changes: [{ name: 'nginx', from: '1', to: '2', security: true }] }),
    [902, 'web-3', ended('unreachable', 'connection refused')],
    [903, null, { type: 'told', who: 'slack', ok: false, why: 'HTTP 500' }],
    runEnded('held', '1 host is held.'),
  ],
  'rolled-back': [
    begun('web-1'),
    ...through('web-1'),
    [450, 'web-1', { type: 'traffic', state: 'in', act: 'undrained' }],
    [490, 'web-1', ended('rolled-back', 'verify failed on the new versions; verified again on the old ones')],
    runEnded('partial', '1 host is on its old versions.'),
  ],
  refused: [
    [
      0,
      null,
      {
        type: 'run.ended',
        verdict: 'refused',
        reason: 'file',
        sentence: 'maintenance.yml:3:1: hosts: expected at least one host',
      },
    ],
  ],
  cut: [begun('web-1', 'web-2'), ...through('web-1', 'update').slice(0, -3)],
}

test.each(Object.entries(cases))('the summary of %s is as reviewed', async (name, entries) => {
  await expect(summaryOf(recordOf(recording(...entries)))).toMatchFileSnapshot(`../../cases/summary/${name}.md`)
})

test.each(RECORDED)('the summary of the recorded run %s is as reviewed', async (name) => {
  const record = recordOf(recorded(name))
  await expect(summaryOf(record)).toMatchFileSnapshot(`../../cases/summary/recorded-${name}.md`)
  const counts = summaryOf(record, { disclose: 'counts', plan: null })
  await expect(counts).toMatchFileSnapshot(`../../cases/summary/recorded-${name}-counts.md`)
})

test('the summary of 1,000 recorded hosts is as reviewed: who needs a person comes first, under 1 MiB', async () => {
  const summary = summaryOf(recordOf(thousandHosts().events))
  expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576)
  await expect(summary).toMatchFileSnapshot('../../cases/summary/recorded-thousand.md')
})

test('H11: where outsiders read, the summary tells how many and not which', async () => {
  const record = recordOf(recording(...(cases['one-held'] ?? [])))
  const summary = summaryOf(record, { disclose: 'counts', plan: null })
  expect(summary).not.toMatch(/nginx|1\.22|deb12|localhost|example\.com ends|restore|HTTP 500|Gateway|\/var/)
  await expect(summary).toMatchFileSnapshot('../../cases/summary/one-held-counts.md')
  expect(summaryOf(record, { disclose: 'none', plan: null })).not.toContain('### Hosts')
})

const failedStep: Entry[] = [
  begun('web-1'),
  [10, 'web-1', { type: 'stage.begun', stage: 'update' }],
  [11, 'web-1', { type: 'step.begun', stage: 'update', step: 'app', title: 'Update app', disruptive: false }],
  ...Array.from(
    { length: 30 },
    (_, n): Entry => [12, 'web-1', { type: 'step.output', stage: 'update', step: 'app', text: `line ${n}\n` }],
  ),
  [12, 'web-1', { type: 'step.output', stage: 'update', step: 'app', text: '```\n# <b>no release\n' }],
  [
    13,
    'web-1',
    {
      type: 'step.ended',
      stage: 'update',
      step: 'app',
      title: 'Update app',
      outcome: 'failed',
      exitCode: 3,
      durationMs: 9,
      log: '',
    },
  ],
  [14, 'web-1', ended('held', 'update: app failed')],
]

test('H41: a step that failed is told with the end of what it said, in a fence that its words cannot end', () => {
  const summary = summaryOf(recordOf(recording(...failedStep)))
  expect(summary).toContain(
    '- ❌ **web-1** failed in update: `Update app`, exit code 3\n\n  ````text\n  line 20\n  line 21\n',
  )
  expect(summary).toContain('  line 29\n  ```\n  # <b>no release\n  ````\n')
  expect(summary).not.toContain('line 19\n')
})

test('H11: where outsiders read, failed steps are counted and say nothing', () => {
  const summary = summaryOf(recordOf(recording(...failedStep)), { disclose: 'counts', plan: null })
  expect(summary).toContain('- **web-1** 1 step')
  expect(summary).not.toMatch(/line 2|Update app|no release/)
})

test('an override and an owner are shown', () => {
  const about = { ...runFacts, overrides: ['ignore-window'] }
  const summary = summaryOf(
    recordOf(
      recording(
        [0, null, { type: 'run.begun', about, hosts: [hostFacts('web-1')] }],
        [1, 'web-1', ended('held', 'why')],
      ),
    ),
  )
  expect(summary.split('\n')[2]).toBe(
    'mode **run** · started by `octocat` · ⚠️ override `ignore-window` · `Weekly maintenance` from `maintenance.yml`',
  )
  expect(summary).toContain('**Call** `ops@example.com`')
})

const names = Array.from({ length: 1000 }, (_, i) => `host-${i}`)
const hostile = '`|<>&@'.repeat(500)
const thousand = summaryOf(
  recordOf(
    recording(
      begun(...names),
      ...names.flatMap((name, i): Entry[] => [
        ...through(name, i % 2 === 0 ? 'verify' : undefined),
        ...Array.from(
          { length: 5 },
          (_, n): Entry =>
            observed(name, {
              kind: 'check',
              when: 'verify',
              check: { id: `command:${n}`, kind: 'command', outcome: 'fail', expected: hostile, actual: hostile },
            }),
        ),
        observed(name, {
          kind: 'packages',
          changes: Array.from({ length: 100 }, (_, n) => ({ name: `p${n}`, from: '1', to: hostile, security: false })),
        }),
        observed(name, { kind: 'finding', what: hostile, severity: 'warn', advice: hostile }),
        [900, name, ended(i % 2 === 0 ? 'held' : 'live', hostile)],
      ]),
      runEnded('held', '500 hosts are held.'),
    ),
  ),
)

test('the summary of 1,000 hosts fits in 1 MiB; the worst come first, the rest is counted', () => {
  expect(Buffer.byteLength(thousand)).toBeLessThan(1_048_576)
  expect(thousand).toContain('**1000 hosts:** 500 held, 500 live')
  expect(thousand).toContain('… and 800 more in report.json: 300 held, 500 live')
  expect(thousand.indexOf('| host-998 | ⛔ held')).toBeLessThan(
    thousand.indexOf('| host-1 | ✅ live') === -1 ? Number.POSITIVE_INFINITY : thousand.indexOf('| host-1 | ✅ live'),
  )
})

test('H41: host text is in code spans only', () => {
  const outside = thousand
    .replace(
      /^<details><summary><b>host-[\d, hostandmre-]+<\/b> (?:\d+ packages changed, \d+ for security|1 backup, proved by restoring a sample)<\/summary>$|^<\/details>$/gm,
      '',
    )
    .replace(/^ *```\w*\n.*?\n *```$/gms, '')
    .replace(/(`+)(?!`)(.*?[^`])\1(?!`)/g, '')
  expect(outside.split('\n').filter((line) => /[<&@]/.test(line))).toEqual([])
  expect(
    thousand
      .split('\n')
      .filter((line) => line.startsWith('| host-'))
      .every((line) => line.split('|').length === 6),
  ).toBe(true)
})
