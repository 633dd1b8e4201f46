import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/checks/check'
import type { Disclosure } from '../../../src/report/disclose'
import { reportOf } from '../../../src/report/report'
import { reportSchema } from '../../../src/report/report-schema'
import { recordOf } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import { summaryPage } from '../../../src/report/summary-page'
import { hostFacts, recording, runFacts } from './recording'

const dead: CheckResult = {
  id: 'unit:app.service',
  kind: 'unit',
  outcome: 'fail',
  expected: 'active',
  actual: 'failed (failed, exit-code)',
}

function recordWith(check: CheckResult) {
  return recordOf(
    recording(
      [0, null, { type: 'run.begun', about: runFacts, hosts: [hostFacts('web-1')] }],
      [1, 'web-1', { type: 'observed', stage: 'verify', what: { kind: 'check', when: 'verify', check } }],
      [2, null, { type: 'run.ended', verdict: 'held', reason: 'none', sentence: '1 held' }],
    ),
  )
}

function lookOf(check: CheckResult) {
  const report = reportOf(recordWith(check))
  expect(reportSchema.safeParse(report).error).toBeUndefined()
  return report.hosts[0]?.checks[0]?.look
}

describe('how to look at a check that failed', () => {
  const journal = ['Nov 28 app[7]: config missing', 'Nov 28 systemd[1]: app.service: Failed']
  const command = 'systemctl status app.service; journalctl -u app.service -n 50'

  it('is in the report: the command, and what the journal of its unit says', () => {
    expect(lookOf({ ...dead, journal })).toEqual({ command, journal })
    expect(lookOf(dead)).toEqual({ command, journal: [] })
    expect(lookOf({ ...dead, id: 'unit:a b', journal })).toEqual({ command: null, journal })
  })

  it('is in no report where nothing failed, or nothing is known', () => {
    expect(lookOf({ ...dead, outcome: 'warn', journal })).toBeUndefined()
    expect(lookOf({ ...dead, id: 'http:x', kind: 'http' })).toBeUndefined()
  })

  it.each<Disclosure>(['counts', 'none'])('stays out of a summary that tells %s', (disclose) => {
    const text = summaryOf(recordWith({ ...dead, journal }), { disclose, plan: null })
    expect(text).not.toMatch(/config missing|journalctl|app\.service/)
  })

  it('H41: text of a journal leaves no block of the summary, whatever it holds', () => {
    const hostile = [
      '````',
      '</code></pre><script>alert(1)</script>',
      '    ```',
      '[x](javascript:y) @team |',
      '\u202e#',
    ]
    const text = summaryOf(recordWith({ ...dead, journal: hostile }))
    expect(text).toContain(['its journal ends with', '', '    `````text', '    ````', '    </code>'].join('\n'))
    const page = summaryPage(text, 'run')
    expect(page).not.toContain('<script>alert')
    expect(page).not.toContain('href="javascript')
    expect(page).toMatch(/<code>(?:&#96;){4}\n&lt;\/code&gt;/)
    // What follows is no part of the block.
    expect(page.slice(page.lastIndexOf('</pre>'))).not.toContain('alert')
  })
})
