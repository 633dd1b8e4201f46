import { describe, expect, it } from 'vitest'
import { apt } from '../../../src/packages/apt'
import {
  installedVersions,
  installedVersionsBefore,
  leftConfiguration,
  leftConfigurationBefore,
  packageManagerId,
  transactionFact,
} from '../../../src/packages/facts'
import { planRollback } from '../../../src/stages/rollback'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'
import { upgrade } from '../packages/upgrade'

const installed = (versions: Record<string, string>) =>
  new Map(
    Object.entries(versions).map(([name, version]) => [
      name,
      { name, version, architecture: 'amd64', installedBytes: 1 },
    ]),
  )
const KEPT = 'curl\t1\tamd64\tcurl_1_amd64.deb\nlibc6\t1\tamd64\tlibc6_1_amd64.deb\n'

function input(
  before: Record<string, string>,
  after: Record<string, string>,
  kept = KEPT,
  stages: Parameters<typeof stageInput>[0] = {},
) {
  const upgrades = Object.keys(after).map((name) => upgrade(name, before[name] ?? null, after[name] ?? ''))
  const facts = factsOf(
    [packageManagerId, 'apt'],
    [installedVersionsBefore, installed(before)],
    [installedVersions, installed(after)],
    [transactionFact(apt, [], { upgrades: [], removals: [] }), { upgrades, removals: [], automatic: [] }],
  )
  const results = new Map([
    ['prepare/packages.keep', stepResult('packages.keep', { output: kept })],
    ['update/packages.upgrade', stepResult('packages.upgrade')],
  ])
  return stageInput(stages, { facts, results })
}

describe('planRollback', () => {
  it('returns to the kept file of each package that changed', () => {
    const plan = planRollback(input({ curl: '1' }, { curl: '2' }))
    expect(plan.possible && plan.steps.map((s) => s.run.text)[0]).toContain(
      'install /var/lib/pitstop/runs/run1/packages/installed/curl_1_amd64.deb',
    )
  })

  it('config_files: brings replaced configuration files back before the packages', () => {
    const x = input({ curl: '1' }, { curl: '2' }, KEPT, { update: { config_files: 'replace' } })
    const left = (file: string) => ({ file, changed: '1' })
    const facts = x.facts.with(
      factsOf(
        [leftConfigurationBefore, [left('/etc/old.dpkg-old')]],
        [leftConfiguration, ['/etc/old.dpkg-old', '/etc/a.dpkg-old', '/etc/b.ucf-old', '/etc/c.dpkg-dist'].map(left)],
      ),
    )
    const plan = planRollback({ ...x, facts })
    expect(plan.possible && plan.steps[0]?.run.text.split('\n').slice(0, 3)).toEqual([
      '[ ! -f /etc/a.dpkg-old ] || mv -fT -- /etc/a.dpkg-old /etc/a || exit',
      '[ ! -f /etc/b.ucf-old ] || mv -fT -- /etc/b.ucf-old /etc/b || exit',
      expect.stringContaining('apt-get'),
    ])
  })

  it('config_files: has no way back where nobody knows what was replaced', () => {
    const stages = { update: { config_files: 'replace' } } as const
    expect(planRollback(input({ curl: '1' }, { curl: '2' }, KEPT, stages))).toEqual({
      possible: false,
      reason: 'which configuration files the update replaced is unknown',
    })
    expect(planRollback(input({ curl: '1' }, { curl: '2' })).possible).toBe(true)
  })

  it('needs nothing where the update changed nothing', () => {
    expect(planRollback(input({ curl: '1' }, { curl: '1' }))).toEqual({ possible: true, steps: [] })
  })

  it('leaves packages alone that the update added', () => {
    expect(planRollback(input({}, { helper: '1' }))).toEqual({ possible: true, steps: [] })
  })

  it('never returns a kernel, libc or a database', () => {
    expect(planRollback(input({ libc6: '1' }, { libc6: '2' }))).toMatchObject({ possible: false })
    expect(planRollback(input({}, { 'linux-image-6.1.0-40-amd64': '6.1' }))).toMatchObject({ possible: false })
  })

  it('is all or nothing: one package without a kept file ends it', () => {
    const plan = planRollback(input({ curl: '1', jq: '1' }, { curl: '2', jq: '2' }))
    expect(plan).toEqual({ possible: false, reason: 'prepare could not keep the earlier version of jq' })
  })

  it('does not take a file of another version', () => {
    expect(planRollback(input({ curl: '1' }, { curl: '2' }, 'curl\t0\tamd64\tcurl_0_amd64.deb\n')).possible).toBe(false)
  })

  it('does not take names of files from a list that was cut or leaves the folder', () => {
    expect(planRollback(input({ curl: '1' }, { curl: '2' }, 'curl\t1\tamd64\t../curl.deb\n')).possible).toBe(false)
    const x = input({ curl: '1' }, { curl: '2' })
    const cut = stepResult('packages.keep', { output: KEPT, truncated: true })
    expect(planRollback({ ...x, results: new Map([...x.results, ['prepare/packages.keep', cut]]) }).possible).toBe(
      false,
    )
  })

  it('does not guess where the versions are unknown', () => {
    const x = input({ curl: '1' }, { curl: '2' })
    expect(planRollback({ ...x, facts: factsOf([packageManagerId, 'apt']) }).possible).toBe(false)
  })

  describe('of applications', () => {
    const app = (more: object = {}) => ({
      update: { apps: [{ name: 'shop', run: 'deploy', rollback: 'deploy previous', ...more }] },
    })
    const deployed = (stages: Parameters<typeof stageInput>[0], outcome: 'done' | 'failed' | 'interrupted' = 'done') =>
      planRollback(stageInput(stages, { results: new Map([['update/app.shop', stepResult('app.shop', { outcome })]]) }))

    it('runs the rollback of what was begun, failed or not', () => {
      for (const outcome of ['done', 'failed'] as const) {
        const plan = deployed(app(), outcome)
        expect(plan.possible && plan.steps.map((s) => s.run.text.split('\n').at(-1))).toEqual(['deploy previous'])
      }
    })

    it('leaves alone what was not begun', () => {
      expect(planRollback(stageInput(app({ rollback: undefined })))).toEqual({ possible: true, steps: [] })
    })

    it('holds where the application cannot go back', () => {
      expect(deployed(app({ reversible: false }))).toMatchObject({ possible: false })
      expect(deployed(app({ rollback: undefined }))).toMatchObject({ possible: false })
      expect(deployed(app(), 'interrupted')).toMatchObject({ possible: false })
    })
  })
})
