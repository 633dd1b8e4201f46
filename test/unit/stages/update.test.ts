import { describe, expect, it } from 'vitest'
import { blockInhibitors } from '../../../src/facts/block-inhibitors'
import { disks } from '../../../src/facts/disks'
import type { Fact } from '../../../src/facts/fact'
import { newestKernel } from '../../../src/facts/newest-kernel'
import { rebootRequired } from '../../../src/facts/reboot-required'
import { apt } from '../../../src/packages/apt'
import {
  installedVersions,
  installedVersionsAfterReboot,
  installedVersionsBefore,
  leftConfiguration,
  leftConfigurationBefore,
  packageConsistency,
  packageManagerId,
  transactionFact,
  upgradable,
} from '../../../src/packages/facts'
import { rebootObstacles } from '../../../src/reboot/obstacles'
import { outdatedServices } from '../../../src/services/outdated'
import type { StageInput } from '../../../src/stages/stage'
import { update } from '../../../src/stages/update'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'
import { upgrade } from '../packages/upgrade'

const sound = { ok: true, problems: [], interrupted: false }
const half = { ok: false, problems: ['x 1 is half-configured'], interrupted: true }
const pending = { upgrades: [upgrade('curl', '1', '2')], removals: [] }
const big = { mount: '/', source: '/dev/vda', totalBytes: 1e12, usedBytes: 0, freeBytes: 1e11 }
const kernel = { running: '6.1', installed: ['6.1'], newest: '6.1', outdated: 'no', why: 'newest' }
const at = (version: string) => new Map([['curl', { name: 'curl', version, architecture: 'amd64', installedBytes: 1 }]])

const left = (file: string, changed: string | null = '1') => ({ file, changed })

const healthy = factsOf(
  [packageManagerId, 'apt'],
  [packageConsistency, sound],
  [upgradable, pending],
  [transactionFact(apt, [], pending), { ...pending, automatic: [] }],
  [installedVersionsBefore, at('1')],
  [installedVersions, at('2')],
  [leftConfigurationBefore, [left('/etc/a.dpkg-dist')]],
  [leftConfiguration, [left('/etc/a.dpkg-dist'), left('/etc/b.ucf-dist')]],
  [disks, [big]],
  [newestKernel, kernel],
  [rebootRequired, { needed: 'no', why: 'newest', packages: [] }],
  [rebootObstacles('6.1', '6.1'), []],
  [blockInhibitors, []],
  [outdatedServices, { services: [], others: 0 }],
)
const over = (...entries: readonly (readonly [Fact<unknown>, unknown])[]) => healthy.with(factsOf(...entries))
const upgraded = new Map([['update/packages.upgrade', stepResult('packages.upgrade')]])

function plan(phase: string, x: StageInput) {
  const found = update.phases.find((p) => p.name === phase)
  if (found === undefined) throw new Error(`update has no phase ${phase}`)
  return found.plan(x)
}
const ids = (phase: string, x: StageInput) => plan(phase, x).steps.map((s) => s.id)

describe('update', () => {
  it('updates in one disruptive step that is never killed', () => {
    expect(plan('packages', stageInput({}, { facts: healthy })).steps).toMatchObject([
      { id: 'packages.upgrade', disruptive: true, changes: true, overtime: 'leave', timeoutMs: 3_600_000 },
    ])
  })

  it('finishes interrupted work first, and refuses what is broken even so', () => {
    const x = stageInput({}, { facts: over([packageConsistency, half]) })
    expect(ids('repair', x)).toEqual(['packages.repair'])
    expect(plan('packages', x).stop?.reason).toContain('x 1 is half-configured')
    expect(ids('repair', stageInput({}, { facts: healthy }))).toEqual([])
  })

  it('finishes nothing in view of users: it stops, and says what was interrupted and why it is left', () => {
    const x = stageInput({}, { facts: over([packageConsistency, half]), inView: true })
    const { steps, stop } = plan('repair', x)
    expect(steps).toEqual([])
    expect(stop?.reason).toMatch(/x 1 is half-configured.*users were not taken away/)
    expect(plan('repair', stageInput({}, { facts: healthy, inView: true }))).toEqual({ steps: [] })
  })

  it('does nothing to packages where the file says none, or nothing is pending', () => {
    expect(ids('packages', stageInput({ update: { packages: 'none' } }, { facts: healthy }))).toEqual([])
    const idle = over([upgradable, { upgrades: [], removals: [] }])
    expect(plan('packages', stageInput({}, { facts: idle }))).toEqual({ steps: [] })
  })

  it('H26: too little room skips the update with a finding, and does not fail the stage', () => {
    const { steps, stop, notes } = plan(
      'packages',
      stageInput({}, { facts: over([disks, [{ ...big, freeBytes: 1000 }]]) }),
    )
    expect([steps, stop]).toEqual([[], undefined])
    expect(notes).toMatchObject([{ kind: 'finding', severity: 'warn' }])
  })

  it('does not bring back what clean removed', () => {
    expect(plan('packages', stageInput({}, { facts: over([installedVersionsBefore, new Map()]) })).steps).toEqual([])
  })

  it('reports what really changed, and configuration files that were kept', () => {
    const { notes, stop } = plan('changes', stageInput({}, { facts: healthy, results: upgraded }))
    expect(stop).toBe(undefined)
    expect(notes).toMatchObject([
      { kind: 'packages', changes: [{ name: 'curl', from: '1', to: '2', security: false }] },
      { kind: 'finding', what: 'A changed configuration file was kept; the new one of the package is /etc/b.ucf-dist' },
    ])
  })

  it('config_files: names each file that was replaced, and one that was written over again', () => {
    const facts = over(
      [
        leftConfigurationBefore,
        [left('/etc/a.dpkg-old'), left('/etc/same.dpkg-old'), left('/etc/noted.ucf-old', null)],
      ],
      [leftConfiguration, ['a.dpkg-old', 'b.ucf-old', 'noted.ucf-old'].map((f) => left(`/etc/${f}`, '2'))],
    )
    const replace = { update: { config_files: 'replace' } } as const
    const { notes, stop } = plan('changes', stageInput(replace, { facts, results: upgraded }))
    expect(stop).toBe(undefined)
    expect(notes?.flatMap((n) => (n.kind === 'finding' ? [n.what] : []))).toEqual([
      'The configuration file /etc/a was replaced by the one of the package; the earlier one is /etc/a.dpkg-old',
      'The configuration file /etc/b was replaced by the one of the package; the earlier one is /etc/b.ucf-old',
    ])
  })

  it.each(['keep', 'hold'] as const)(
    'config_files: %s takes an old file for the work of a script of a package',
    (config_files) => {
      const facts = over([leftConfiguration, [left('/etc/ca-certificates.conf.dpkg-old')]])
      const { notes, stop } = plan('changes', stageInput({ update: { config_files } }, { facts, results: upgraded }))
      expect(stop).toBe(undefined)
      expect(notes).toMatchObject([{ kind: 'packages' }])
    },
  )

  it('config_files: says so where nobody knows what was kept', () => {
    const facts = over([leftConfigurationBefore, undefined])
    const { notes } = plan('changes', stageInput({}, { facts, results: upgraded }))
    expect(notes).toMatchObject([{ kind: 'packages' }, { kind: 'finding', what: expect.stringContaining('unknown') }])
  })

  it.each([
    [[leftConfiguration, [left('/etc/b.ucf-dist')]], /\/etc\/b\.ucf-dist.*merge them by hand/],
    [[leftConfigurationBefore, undefined], /is unknown$/],
    [[leftConfiguration, [left('/etc/a.dpkg-dist')]], undefined],
  ] as const)('config_files: hold does not pass what only showed in the update (%#)', (entry, reason) => {
    const x = stageInput({ update: { config_files: 'hold' } }, { facts: over(entry), results: upgraded })
    const { stop } = plan('changes', x)
    if (reason === undefined) expect(stop).toBe(undefined)
    else expect(stop?.reason).toMatch(reason)
  })

  it('fails when a package is not where it was meant to be, or the packages are broken', () => {
    const missed = stageInput({}, { facts: over([installedVersions, at('1')]), results: upgraded })
    expect(plan('changes', missed).stop?.reason).toContain('Not at the planned version after the update: curl')
    const broken = stageInput({}, { facts: over([packageConsistency, half]), results: upgraded })
    expect(plan('changes', broken).stop?.reason).toContain('left broken packages')
    const blind = stageInput({}, { facts: over([installedVersions, undefined]), results: upgraded })
    expect(plan('changes', blind).stop).toBeDefined()
  })

  describe('case 19: what a shutdown installed', () => {
    const rebooted = new Map([...upgraded, ['update/reboot', stepResult('reboot')]])
    const notesOf = (value: unknown, results = rebooted) =>
      plan('after-reboot', stageInput({}, { facts: over([installedVersionsAfterReboot, value]), results })).notes ?? []

    it('is among the changes of the run, and a finding', () => {
      expect(notesOf(at('3'))).toMatchObject([
        { kind: 'packages', changes: [{ name: 'curl', from: '2', to: '3', security: false }] },
        { kind: 'finding', severity: 'warn', what: expect.stringContaining('not by it: curl 2 → 3') },
      ])
    })

    it('is nothing where all is as the update left it, and is not asked without a reboot', () => {
      expect(notesOf(at('2'))).toEqual([])
      expect(notesOf(at('3'), upgraded)).toEqual([])
      const facts = (results: typeof upgraded) =>
        update.phases.find(({ name }) => name === 'after-reboot')?.facts?.(stageInput({}, { facts: healthy, results }))
      expect(facts(upgraded)).toEqual([])
      expect(facts(rebooted)).toEqual([installedVersionsAfterReboot])
    })

    it('is told as unknown where it cannot be read', () => {
      expect(notesOf(undefined)).toMatchObject([
        { kind: 'finding', what: expect.stringMatching(/cannot be read after/) },
      ])
    })
  })

  it('H33: reboots behind a check of sshd', () => {
    const facts = over([rebootRequired, { needed: 'yes', why: 'flag', packages: [] }])
    expect(plan('reboot', stageInput({}, { facts })).steps).toMatchObject([
      { id: 'sshd.check', required: true },
      { do: 'reboot', id: 'reboot', timeoutMs: 900_000, stableMs: 60_000 },
    ])
  })

  it.each([
    ['somebody asks the host to stay up', [blockInhibitors, [{ who: 'backup', why: 'running' }]]],
    ['who asks it to stay up is unknown', [blockInhibitors, undefined]],
    ['/boot is full', [disks, [{ ...big, freeBytes: 10 }]]],
    ['the kernels are unknown', [newestKernel, undefined]],
    ['what the next boot needs is unknown', [rebootObstacles('6.1', '6.1'), undefined]],
  ] as const)('H34: does not reboot while %s', (_, entry) => {
    const facts = over([rebootRequired, { needed: 'yes', why: 'flag', packages: [] }], entry)
    const { steps, notes } = plan('reboot', stageInput({}, { facts }))
    expect(steps).toEqual([])
    expect(notes).toMatchObject([
      { kind: 'reboot', needed: 'yes' },
      { kind: 'finding', severity: 'warn' },
    ])
  })

  it('restarts services on replaced files behind a check of sshd, and reports those it must not touch', () => {
    const facts = over([outdatedServices, { services: ['dbus.service', 'nginx.service'], others: 0 }])
    const { steps, notes } = plan('restart', stageInput({}, { facts, results: upgraded }))
    expect(steps.map((s) => s.id)).toEqual(['sshd.check-again', 'restart.1.nginx.service'])
    expect(notes).toMatchObject([{ kind: 'finding', what: 'Still on replaced files: dbus.service' }])
    expect(ids('restart', stageInput({}, { facts }))).toEqual([])
  })

  it('asks an application for its version before and after, and reports the difference', () => {
    const stages = { update: { apps: [{ name: 'my_shop', run: 'deploy', version: 'version' }] } }
    expect(ids('apps', stageInput(stages, { facts: healthy, results: upgraded }))).toEqual([
      'app.my-shop.before',
      'app.my-shop',
      'app.my-shop.after',
    ])
    const results = new Map([
      ['update/app.my-shop.before', stepResult('app.my-shop.before', { output: '1.0\n' })],
      ['update/app.my-shop.after', stepResult('app.my-shop.after', { output: '2.0\n' })],
    ])
    expect(plan('app-versions', stageInput(stages, { facts: healthy, results })).notes).toEqual([
      { kind: 'packages', changes: [{ name: 'my_shop', from: '1.0', to: '2.0', security: false }] },
    ])
  })
})
