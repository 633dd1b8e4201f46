import { describe, expect, it } from 'vitest'
import { parseDf } from '../../../src/facts/df'

const row = { total: 100, used: 40, free: 60 }

describe('a row of df', () => {
  it.each([
    ['/dev/sda1 100 40 60 40% /', { source: '/dev/sda1', mount: '/', ...row }],
    ['//nas/a share   100  40  60  40% /srv/a b  c', { source: '//nas/a share', mount: '/srv/a b  c', ...row }],
    ['tmpfs 100 40 60 - /run', { source: 'tmpfs', mount: '/run', ...row }],
    ['7 8 9 100 40 60 40% /odd', { source: '7 8 9', mount: '/odd', ...row }],
    ['a 1 2 3 4% x 100 40 60 40% /odd', { source: 'a 1 2 3 4% x', mount: '/odd', ...row }],
  ])('%j', (line, want) => {
    expect(parseDf(line)).toEqual([want])
  })

  it.each([
    'Filesystem 1024-blocks Used Available Capacity Mounted on',
    'proc - - - - /proc',
    '100 40 60 40% /no-source',
    '/dev/sda1 100 40 60 40% relative',
    '/dev/sda1 100 40 60 40%',
  ])('none in %j', (line) => {
    expect(parseDf(line)).toEqual([])
  })

  it('H40: of nothing but blanks takes time that grows with its length alone', () => {
    const took = (length: number) => {
      const began = performance.now()
      parseDf(`x${' '.repeat(length)}x\n${'1 '.repeat(length / 2)}`)
      return performance.now() - began
    }
    took(2 ** 16)
    const [quarter, whole] = [took(2 ** 18), took(2 ** 20)]
    expect(whole / Math.max(1, quarter)).toBeLessThan(16)
  })
})
