import { expect, test } from 'vitest'
import { changeOfFile } from '../../../src/report/file-change'
import { planSections } from '../../../src/report/plan-markdown'
import { planText } from '../../../src/report/plan-text'
import type { PlanView } from '../../../src/report/plan-view'
import { recordOf } from '../../../src/report/run-record'
import { summaryOf } from '../../../src/report/summary'
import { fleetView, plan, planned } from './plan-case'
import { hostFacts, recording, runFacts } from './recording'

const shown = (view: PlanView) =>
  planSections(view)
    .filter((section) => section !== '')
    .join('\n\n')

const change = {
  known: true,
  change: changeOfFile(
    { hosts: { 'web-1': {} }, stages: { update: { packages: 'security' } } },
    { hosts: { 'web-1': {}, 'web-2': { address: 'x' } }, stages: { update: { packages: 'all' } } },
  ),
} as const

test('the plan of a fleet is as reviewed', async () =>
  expect(shown({ ...fleetView, change })).toMatchFileSnapshot('../../cases/plan/fleet.md'))

test('the plan for a terminal is as reviewed', async () =>
  expect(planText(fleetView)).toMatchFileSnapshot('../../cases/plan/fleet.txt'))

test('H11: where outsiders read, a plan counts packages, and tells neither versions nor what a host said', async () => {
  const text = shown({ ...fleetView, disclose: 'counts' })
  expect(text).not.toMatch(/nginx|curl|1\.22|97%|192\.0\.2|Take it out/)
  expect(text).toContain('- **db-1, web-1** 2 packages to change, 1 for security')
  await expect(text).toMatchFileSnapshot('../../cases/plan/fleet-counts.md')
})

test('with `disclose: none` only the change of the file and the warnings on it are shown', () => {
  expect(shown({ ...fleetView, change, disclose: 'none' })).toMatch(/^### What changes in [\s\S]*### Mind this[^#]*$/)
})

test('the summary of a plan is the plan', () => {
  const record = recordOf(
    recording(
      [0, null, { type: 'run.begun', about: { ...runFacts, mode: 'plan' }, hosts: [hostFacts('web-1')] }],
      [1, null, { type: 'run.ended', verdict: 'planned', reason: 'none', sentence: '4 hosts planned' }],
    ),
  )
  const summary = summaryOf(record, { disclose: 'full', plan: fleetView })
  expect(summary).toContain('## 📋 planned\n\nmode **plan**')
  expect(summary).toContain('| web, after db | canary | web-1 | kept away (isolated) |')
  expect(summary).not.toContain('| host | verdict |')
})

test('a change that could not be found out is told as such', () => {
  const text = shown({ ...fleetView, change: { known: false, why: 'HTTP 404' } })
  expect(text).toContain('Not known: `HTTP 404`')
})

test('a file that says the same as its base is told as such', () => {
  const same = { known: true, change: changeOfFile({ hosts: {} }, { hosts: {} }) } as const
  expect(shown({ ...fleetView, change: same })).toContain(
    'Nothing: what it says is the same as in the base, and so is every file it names.',
  )
})

const hostile = '</details>`|<img src=x>@everyone\n```\n# x\u001b[31m'

test('H41: words of hosts and of the file are in code spans only', () => {
  const view: PlanView = {
    ...fleetView,
    plan: plan(
      [
        planned('web-1', {
          packages: [{ name: hostile, from: hostile, to: hostile, security: true }],
          stops: [{ stage: 'monitor', reason: hostile, rule: null }],
          notes: [hostile],
          notAsRoot: hostile,
          cannotBeUndone: [hostile],
        }),
        planned('web-2', { contacted: false, why: hostile, remedy: hostile }),
      ],
      { warnings: [hostile], notAvailable: [hostile] },
    ),
    change: { known: true, change: changeOfFile({ name: hostile }, { name: 'x', hosts: { [hostile]: {} } }) },
  }
  const outside = shown(view).replace(/(`+)(?!`)(.*?[^`])\1(?!`)/g, '')
  expect(outside).not.toMatch(/<|@|^# |```/m)
  expect(planText(view)).not.toMatch(/\u001b|^# x/m)
})

test('the plan of 1,000 hosts fits in a summary', () => {
  const hosts = Array.from({ length: 1000 }, (_, i) => planned(`host-${i}`, { wave: i, group: 'web' }))
  const text = shown({ ...fleetView, plan: plan(hosts) })
  expect(Buffer.byteLength(text)).toBeLessThan(1_000_000)
  expect(text).toContain('… and 800 more hosts in plan.json')
})
