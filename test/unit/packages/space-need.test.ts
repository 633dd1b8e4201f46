import { describe, expect, it } from 'vitest'
import type { Disk } from '../../../src/facts/disks'
import { downloadNeed, findShortage, unpackNeeds } from '../../../src/packages/space-need'
import { upgrade } from './upgrade'

const disk = (mount: string, freeBytes: number): Disk => ({
  mount,
  source: `/dev${mount}`,
  totalBytes: 1e12,
  usedBytes: 0,
  freeBytes,
})
const MB = 1e6
const transaction = (...upgrades: ReturnType<typeof upgrade>[]) => ({ upgrades, removals: [], automatic: [] })

describe('space', () => {
  it('counts the new packages and the kept old ones', () => {
    const all = transaction(upgrade('a', '1', '2'), upgrade('b', null, '1', { installedDownloadBytes: null }))
    expect(downloadNeed(all, '/r', true)).toEqual({ path: '/r', bytes: 3 * MB })
    expect(downloadNeed(all, '/r', false)).toEqual({ path: '/r', bytes: 2 * MB })
  })

  it('counts growth and one whole package, as dpkg unpacks beside the old files', () => {
    const grown = upgrade('a', '1', '2', { installedBytes: 10 * MB, installedBytesBefore: 4 * MB })
    expect(unpackNeeds(transaction(grown), undefined)).toContainEqual({ path: '/usr', bytes: 16 * MB })
  })

  it('H26: counts the package database, so that a full /var does not end in packages half configured', () => {
    const needs = unpackNeeds(transaction(upgrade('a', '1', '2')), undefined)
    expect(findShortage([disk('/', 900 * MB), disk('/var', 1 * MB)], needs, {})).toMatchObject({ mount: '/var' })
    expect(findShortage([disk('/', 900 * MB), disk('/var', 40 * MB)], needs, {})).toBe(undefined)
    expect(unpackNeeds(transaction(), undefined)).toEqual([{ path: '/usr', bytes: 0 }])
  })

  it('counts a new kernel and the initramfs beside the one it replaces', () => {
    const boot = { largestInitramfsBytes: 40 * MB, largestKernelBytes: 8 * MB }
    const needs = unpackNeeds(transaction(upgrade('linux-image-6.1.0-40-amd64', null, '6.1')), boot)
    expect(needs).toContainEqual({ path: '/boot', bytes: 88 * MB })
  })

  it('does not take an unknown size for nothing', () => {
    const unsaid = upgrade('a', null, '2', { downloadBytes: null })
    expect(downloadNeed(transaction(unsaid), '/r', false).bytes).toBeGreaterThan(10 * MB)
  })

  it('H26: a full /boot passes when clean frees enough, and only then', () => {
    const disks = [disk('/', 900 * MB), disk('/boot', 20 * MB)]
    const needs = [{ path: '/boot', bytes: 88 * MB }]
    expect(findShortage(disks, needs, {})).toMatchObject({ mount: '/boot', wantedBytes: 88 * MB, declared: null })
    expect(findShortage(disks, needs, {}, [{ path: '/boot', bytes: 70 * MB }])).toBe(undefined)
    expect(findShortage(disks, needs, {}, [{ path: '/', bytes: 70 * MB }])).toMatchObject({ mount: '/boot' })
  })

  it('adds up everything that goes to one file system', () => {
    const needs = [
      { path: '/usr', bytes: 60 * MB },
      { path: '/var/lib/pitstop', bytes: 60 * MB },
    ]
    expect(findShortage([disk('/', 100 * MB)], needs, {})).toMatchObject({ mount: '/', wantedBytes: 120 * MB })
    expect(findShortage([disk('/', 100 * MB), disk('/var', 100 * MB)], needs, {})).toBe(undefined)
  })

  it('asks for what the file declares', () => {
    expect(findShortage([disk('/', 100 * MB)], [], { '/': 200 * MB })).toMatchObject({ declared: '/' })
  })

  it('takes a path on no known file system for unknown, not for enough', () => {
    expect(findShortage([disk('/srv', 1e12)], [{ path: '/usr', bytes: 1 }], {})).toEqual({ unknownPath: '/usr' })
  })
})
