import { describe, expect, it } from 'vitest'
import {
  drainedServicesActive,
  expectedBootAndKernel,
  noNewlyFailedUnit,
  packageManagerConsistent,
} from '../../../src/compare/builtin'
import { bootId } from '../../../src/facts/boot-id'
import { Facts } from '../../../src/facts/fact'
import { failedUnits } from '../../../src/facts/failed-units'
import { initSystem } from '../../../src/facts/init-system'
import { newestKernel } from '../../../src/facts/newest-kernel'
import { units } from '../../../src/facts/units'
import { packageConsistency, packageManagerId } from '../../../src/packages/facts'
import { factsOf } from '../../fixtures/stage-input'
import { dead, unit } from './host-facts'

const nothing = new Facts()
const no = () => false

describe('packageManagerConsistent', () => {
  const judged = (ok: boolean) =>
    packageManagerConsistent(
      factsOf(
        [packageManagerId, 'apt'],
        [packageConsistency, { ok, problems: ['nginx is half-installed'], interrupted: false }],
      ),
    )

  it('fails with what is broken', () => {
    expect(judged(true).outcome).toBe('pass')
    expect(judged(false)).toMatchObject({ id: 'builtin:packages', outcome: 'fail', actual: 'nginx is half-installed' })
  })

  it('is unknown where it could not be read, and skipped only where there is no manager', () => {
    expect(packageManagerConsistent(nothing).outcome).toBe('unknown')
    expect(packageManagerConsistent(factsOf([packageManagerId, 'apt'])).outcome).toBe('unknown')
    expect(packageManagerConsistent(factsOf([packageManagerId, null])).outcome).toBe('skipped')
  })
})

describe('noNewlyFailedUnit', () => {
  const failed = (...names: string[]) => factsOf([failedUnits, names])

  it('fails for what failed since, not for what was failed before', () => {
    expect(noNewlyFailedUnit(failed('a.service'), failed('a.service'), no).outcome).toBe('pass')
    expect(noNewlyFailedUnit(failed('a.service'), failed('a.service', 'b.service'), no)).toMatchObject({
      outcome: 'fail',
      actual: 'b.service',
    })
  })

  it('passes what is expected to change', () => {
    expect(noNewlyFailedUnit(failed(), failed('b.service'), (id) => id === 'unit:b.service').outcome).toBe('pass')
  })

  it('is unknown where nothing tells since when', () => {
    expect(noNewlyFailedUnit(undefined, failed('a.service'), no).outcome).toBe('unknown')
    expect(noNewlyFailedUnit(undefined, failed(), no).outcome).toBe('pass')
    expect(noNewlyFailedUnit(failed(), nothing, no).outcome).toBe('unknown')
  })

  it('is skipped where the init system knows no failed state', () => {
    expect(noNewlyFailedUnit(undefined, factsOf([initSystem, 'other']), no).outcome).toBe('skipped')
    expect(noNewlyFailedUnit(undefined, factsOf([initSystem, 'systemd']), no).outcome).toBe('unknown')
  })
})

describe('expectedBootAndKernel', () => {
  const boot = (id: string, outdated = 'no') =>
    factsOf([bootId, id], [newestKernel, { running: 'k', installed: [], newest: null, outdated, why: outdated }])

  it('wants a new boot after a reboot, and the same one without', () => {
    expect(expectedBootAndKernel(boot('a'), boot('b'), 'yes').outcome).toBe('pass')
    expect(expectedBootAndKernel(boot('a'), boot('a'), 'yes').outcome).toBe('fail')
    expect(expectedBootAndKernel(boot('a'), boot('a'), 'no').outcome).toBe('pass')
    expect(expectedBootAndKernel(boot('a'), boot('b'), 'no').outcome).toBe('fail')
  })

  it('fails where the old kernel came back', () => {
    expect(expectedBootAndKernel(boot('a'), boot('b', 'yes'), 'yes').outcome).toBe('fail')
  })

  it('is unknown where a boot is not known', () => {
    expect(expectedBootAndKernel(undefined, boot('b'), 'yes').outcome).toBe('unknown')
    expect(expectedBootAndKernel(boot('a'), nothing, 'any').outcome).toBe('unknown')
    expect(expectedBootAndKernel(boot('a'), factsOf([bootId, 'b']), 'yes').outcome).toBe('unknown')
  })

  it('is unknown where the kernel was known before the reboot and is not after it; where it never was, nothing is lost', () => {
    expect(expectedBootAndKernel(boot('a', 'yes'), boot('b', 'unknown'), 'yes').outcome).toBe('unknown')
    expect(expectedBootAndKernel(boot('a', 'unknown'), boot('b', 'unknown'), 'yes').outcome).toBe('pass')
  })

  it('asks no more where a person may have rebooted since the baseline', () => {
    expect(expectedBootAndKernel(boot('a'), boot('b'), 'any').outcome).toBe('pass')
  })
})

describe('drainedServicesActive', () => {
  it('wants every one of them active', () => {
    const host = factsOf([units, [unit('app.service'), unit('db.service', dead)]])
    expect(drainedServicesActive(host, ['app']).outcome).toBe('pass')
    expect(drainedServicesActive(host, ['app', 'db', 'gone'])).toMatchObject({
      outcome: 'fail',
      actual: 'db is inactive, gone is not there',
    })
    expect(drainedServicesActive(nothing, ['app']).outcome).toBe('unknown')
    expect(drainedServicesActive(nothing, []).outcome).toBe('skipped')
  })
})
