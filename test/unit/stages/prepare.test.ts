import { describe, expect, it } from 'vitest'
import { disks } from '../../../src/facts/disks'
import { type Fact, Facts } from '../../../src/facts/fact'
import { apt } from '../../../src/packages/apt'
import {
  askedConfigurationFact,
  packageConsistency,
  packageLock,
  packageManagerId,
  transactionFact,
  upgradable,
} from '../../../src/packages/facts'
import { prepare } from '../../../src/stages/prepare'
import type { StageInput } from '../../../src/stages/stage'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'
import { upgrade } from '../packages/upgrade'

const sound = { ok: true, problems: [], interrupted: false }
const pending = { upgrades: [upgrade('curl', '1', '2'), upgrade('jq', '1', '2')], removals: [] }
const big = { mount: '/', source: '/dev/vda', totalBytes: 1e12, usedBytes: 0, freeBytes: 1e11 }
const transaction = (removals: { name: string; from: string | null }[] = []) =>
  [transactionFact(apt, [], pending), { ...pending, removals, automatic: [] }] as const

const healthy = factsOf(
  [packageManagerId, 'apt'],
  [packageConsistency, sound],
  [packageLock, []],
  [upgradable, pending],
  [disks, [big]],
  transaction(),
)
const over = (...entries: readonly (readonly [Fact<unknown>, unknown])[]) => ({
  facts: healthy.with(factsOf(...entries)),
})

function plan(phase: string, x: StageInput) {
  const found = prepare.phases.find((p) => p.name === phase)
  if (found === undefined) throw new Error(`prepare has no phase ${phase}`)
  return found.plan(x)
}
const steps = (x: StageInput) => prepare.phases.flatMap((p) => p.plan(x).steps.map((s) => s.id))

describe('prepare', () => {
  it('refreshes, backs up, downloads and keeps the way back, in this order', () => {
    expect(steps(stageInput({}, { facts: healthy }))).toEqual([
      'packages.refresh',
      'backup.archive.etc',
      'packages.download',
      'packages.keep',
    ])
  })

  it('disturbs nobody', () => {
    const x = stageInput({}, { facts: healthy })
    expect(prepare.phases.flatMap((p) => p.plan(x).steps).filter((s) => s.disruptive)).toEqual([])
  })

  it('never kills a package manager', () => {
    const x = stageInput({}, { facts: healthy })
    const packages = prepare.phases.flatMap((p) => p.plan(x).steps).filter((s) => s.id.startsWith('packages.'))
    expect(packages.map((s) => s.do === 'sh' && s.overtime)).toEqual(['leave', 'leave', 'leave'])
  })

  it('says that a host has no supported package manager, and what to write', () => {
    const { stop } = plan('access', stageInput({}, over([packageManagerId, null])))
    expect(stop?.reason).toBe('The host has no supported package manager; write "packages: none" for it')
    expect(stop?.rule).toEqual({ name: 'stages.update.packages', value: 'all', line: null })
  })

  it.each([
    [['/etc/a', '/etc/b'], /changed on this host: \/etc\/a and \/etc\/b; update these packages by hand/],
    [undefined, /is unknown/],
    [[], undefined],
  ] as const)(
    'config_files: hold refuses what dpkg would ask about before anything is disturbed (%#)',
    (asked, reason) => {
      const { facts } = over([askedConfigurationFact(apt, '/x'), asked])
      const results = new Map([['prepare/packages.download', stepResult('packages.download')]])
      const { stop } = plan('proved', stageInput({ update: { config_files: 'hold' } }, { facts, results }))
      if (reason === undefined) expect(stop).toBe(undefined)
      else {
        expect(stop?.reason).toMatch(reason)
        expect(stop?.rule).toEqual({ name: 'stages.update.config_files', value: 'hold', line: null })
      }
    },
  )

  it('config_files: asks nothing where nothing was downloaded, or the file does not say hold', () => {
    const proved = prepare.phases.find((p) => p.name === 'proved')
    const results = new Map([['prepare/packages.download', stepResult('packages.download')]])
    const hold = { update: { config_files: 'hold' } } as const
    const asked = [
      stageInput(hold, { facts: healthy, results }),
      stageInput(hold, { facts: healthy }),
      stageInput({}, { facts: healthy, results }),
    ]
    expect(asked.map((x) => proved?.facts?.(x).map((f) => f.id))).toEqual([['asked-configuration'], [], []])
  })

  it('leaves packages alone where the file says none', () => {
    const x = stageInput({ update: { packages: 'none' } }, { facts: factsOf([packageManagerId, null], [disks, [big]]) })
    expect(steps(x)).toEqual(['backup.archive.etc'])
  })

  it('stops without root where packages are to be updated', () => {
    expect(plan('access', stageInput({}, { rights: 'none', facts: healthy })).stop?.rule?.name).toBe(
      'stages.update.packages',
    )
    const none = stageInput({ update: { packages: 'none' } }, { rights: 'none', facts: healthy })
    expect(plan('access', none).stop?.rule?.name).toBe('stages.prepare.backup')
    const quiet = stageInput(
      { update: { packages: 'none' }, prepare: { backup: [] } },
      { rights: 'none', facts: healthy },
    )
    expect(plan('access', quiet).stop).toBe(undefined)
  })

  it('stops on packages that were broken before, but not on work that dpkg can finish', () => {
    const broken = { ok: false, problems: ['apt-get check ended with exit code 100'], interrupted: false }
    expect(plan('access', stageInput({}, over([packageConsistency, broken]))).stop?.reason).toContain('broken before')
    const half = { ok: false, problems: ['x 1 is half-configured'], interrupted: true }
    expect(plan('access', stageInput({}, over([packageConsistency, half]))).stop).toBe(undefined)
  })

  it.each([packageManagerId, packageConsistency])('stops where $id is unknown', (fact) => {
    expect(plan('access', stageInput({}, over([fact, undefined]))).stop).toBeDefined()
  })

  it('stops where the pending packages, their simulation or the free space are unknown', () => {
    expect(plan('pending', stageInput({}, over([upgradable, undefined]))).stop).toBeDefined()
    expect(plan('space', stageInput({}, over([disks, undefined]))).stop?.rule?.name).toBe('stages.prepare.space')
    const unsimulated = stageInput({}, over([transactionFact(apt, [], pending), undefined]))
    expect(plan('space', unsimulated).stop?.reason).toContain('cannot be simulated together')
  })

  it('stops on a removal, with the rule and its line', () => {
    const x = stageInput({}, over(transaction([{ name: 'victim', from: '1' }])))
    const { stop } = plan('space', { ...x, host: { ...x.host, lines: { 'stages.update.removals': 12 } } })
    expect(stop?.reason).toContain('would remove victim')
    expect(stop?.rule).toEqual({ name: 'stages.update.removals', value: 'refuse', line: 12 })
  })

  it('stops on a disk with less than the file asks for, with the path of the rule', () => {
    const small = { ...big, freeBytes: 500e6 }
    const { stop } = plan('space', stageInput({}, over([disks, [small]])))
    expect(stop?.rule?.name).toBe('stages.prepare.space./')
    expect(plan('space', stageInput({ prepare: { space: false } }, over([disks, [small]]))).stop).toBe(undefined)
  })

  it('waits for the package lock, then names its holder', () => {
    const held = over([packageLock, [{ pid: 812, lock: '/var/lib/dpkg/lock', program: 'unattended-upgr' }]])
    expect(plan('access', stageInput({}, held)).steps.map((s) => [s.id, s.do, s.required])).toEqual([
      ['packages.lock', 'wait', false],
    ])
    expect(plan('refresh', stageInput({}, held)).stop?.reason).toBe(
      'The package manager is busy: unattended-upgr (pid 812) holds /var/lib/dpkg/lock',
    )
  })

  it('warns that an archive lies on the disk it protects', () => {
    const notes = plan('fetch', stageInput({}, { facts: healthy })).notes ?? []
    expect(notes).toMatchObject([{ kind: 'finding', severity: 'warn' }])
    const apart = { ...big, mount: '/var/backups', source: '/dev/vdb' }
    expect(plan('fetch', stageInput({}, over([disks, [big, apart]]))).notes).toEqual([])
  })

  it('knows nothing of a host that was not asked', () => {
    expect(plan('access', stageInput({}, { facts: new Facts() })).stop).toBeDefined()
  })
})
