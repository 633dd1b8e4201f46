import { expect, test } from 'vitest'
import type { GroupConfig, HostConfig, MaintenanceFile, WindowConfig } from '../../../src/config/schema'
import { planView } from '../../../src/report/plan-view'
import { hostConfig } from '../../fixtures/host-config'
import { plan, planned } from './plan-case'

const sunday: WindowConfig = {
  open: '0 2 * * sun',
  durationMs: 3 * 3_600_000,
  timezone: 'Asia/Jakarta',
  startWithinMs: null,
  cutoffMs: 1_800_000,
  freeze: [],
  line: 4,
}

function groupsAt(madeAt: string, windows: readonly WindowConfig[], group: Partial<GroupConfig> = {}) {
  const host: HostConfig = { ...hostConfig(), name: 'web-1', group: 'web', window: windows }
  const web: GroupConfig = { name: 'web', needs: ['db'], rollout: host.rollout, hosts: ['web-1'], line: 1, ...group }
  const file = {
    file: 'm.yml',
    hosts: new Map([['web-1', host]]),
    groups: new Map([
      ['web', web],
      ['db', { ...web, name: 'db' }],
    ]),
  }
  const made = { plan: plan([planned('web-1')], { madeAt }), hash: 'h' }
  return planView(file as unknown as MaintenanceFile, made, { change: null, disclose: 'full' }).groups
}

test('the next opening is told on the clocks of its zone', () => {
  expect(groupsAt('2026-11-19T10:00:00Z', [sunday])).toEqual([
    expect.objectContaining({
      name: 'web',
      needs: ['db'],
      isOpen: false,
      openings: ['Sun 2026-11-22 02:00 – 05:00 (Asia/Jakarta)'],
    }),
  ])
})

test('the opening that is going on is the one that is told', () => {
  const [group] = groupsAt('2026-11-21T20:00:00Z', [sunday])
  expect(group).toMatchObject({ isOpen: true, openings: ['Sun 2026-11-22 02:00 – 05:00 (Asia/Jakarta)'] })
})

test('an opening on a frozen day is not told', () => {
  const frozen = { ...sunday, freeze: [{ from: '2026-11-20', to: '2026-11-25' }] }
  expect(groupsAt('2026-11-19T10:00:00Z', [frozen])[0]?.openings).toEqual([
    'Sun 2026-11-29 02:00 – 05:00 (Asia/Jakarta)',
  ])
})

test('without a window any time will do', () => {
  expect(groupsAt('2026-11-19T10:00:00Z', [])[0]).toMatchObject({ isOpen: true, openings: [] })
})
