import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cleanPath, whyNotCleaned } from '../../../src/clean/paths'

describe('H23: a declared path', () => {
  it.each([
    '/',
    '/srv',
    '/etc',
    '/etc/cron.d',
    '/usr/local/share',
    '/bin/x',
    '/lib64/x',
    '/lib/modules',
    '/boot/grub',
    '/home',
    '/root',
    '/var',
    '/var/lib',
    '/var/lib/dpkg/info',
    '/proc/1',
    '/var//log',
    '/var/log/',
    '/var/log/../lib',
    '/var/./log',
    'var/log',
  ])('%s is refused', (path) => {
    expect(whyNotCleaned(path, [])).not.toBeNull()
  })

  it.each(['/var/log/app', '/home/maint/cache', '/srv/uploads', '/var/lib/app/tmp'])('%s is taken', (path) => {
    expect(whyNotCleaned(path, ['/var/lib/pitstop', '/var/backups/pitstop'])).toBeNull()
  })

  it.each(['/var/lib/pitstop', '/var/lib/pitstop/runs', '/var/backups'])(
    'H25: %s is refused, as it holds what a rollback needs',
    (path) => {
      expect(whyNotCleaned(path, ['/var/lib/pitstop', '/var/backups/pitstop'])).toContain('belongs to Pitstop')
    },
  )
})

describe.each(['dash', 'busybox'])('H23: cleaning a folder by %s', (shell) => {
  let folder: string
  const put = (path: string, days: number) => {
    writeFileSync(join(folder, path), 'x')
    const then = Date.now() / 1000 - days * 86_400
    utimesSync(join(folder, path), then, then)
  }
  const clean = (path: string, match = '*.gz') => {
    const text = cleanPath({ path, match, older_than: 30 * 86_400_000 }).text
    return spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', `( ${text} )`], { encoding: 'utf8' })
  }
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'clean-')))
    mkdirSync(join(folder, 'app/deep'), { recursive: true })
    mkdirSync(join(folder, 'other'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('deletes what matches and is old, and nothing else', () => {
    for (const [path, days] of [
      ['app/a.gz', 40],
      ['app/deep/b.gz', 31],
      ['app/new.gz', 29],
      ['app/a.log', 40],
    ] as const)
      put(path, days)
    expect(clean(join(folder, 'app')).status).toBe(0)
    expect(
      ['a.gz', 'deep/b.gz', 'new.gz', 'a.log', 'deep'].map((name) => existsSync(join(folder, 'app', name))),
    ).toEqual([false, false, true, true, true])
  })

  it('does not follow a link inside, and deletes nothing behind one in the path', () => {
    put('other/keep.gz', 99)
    symlinkSync(join(folder, 'other'), join(folder, 'app/link'))
    expect(clean(join(folder, 'app')).status).toBe(0)
    expect(clean(join(folder, 'app/link'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('symbolic link'),
    })
    expect(existsSync(join(folder, 'other/keep.gz'))).toBe(true)
  })

  it('takes a pattern as one word', () => {
    put('app/a.gz', 40)
    expect(clean(join(folder, 'app'), '*.gz" -o -name "*').status).toBe(0)
    expect(existsSync(join(folder, 'app/a.gz'))).toBe(true)
  })
})
