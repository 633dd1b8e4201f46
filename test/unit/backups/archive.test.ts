import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { archiveBackup, restoreCommand } from '../../../src/backups/archive'
import { writeArchive } from '../../../src/backups/archive-sh'
import { stageInput, stepResult } from '../../fixtures/stage-input'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pitstop archive '))
  mkdirSync(join(folder, 'data'))
  for (let i = 0; i < 50; i++) writeFileSync(join(folder, 'data', `file ${i}`), `content ${i}\n`)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const SHELLS = ['dash', 'busybox sh'].filter(
  (s) => spawnSync('sh', ['-c', `command -v ${s.split(' ')[0]}`]).status === 0,
)

const RUN = '0123456789abcdef0123'

function write(shell: string, stamp = '20261122T020000Z', path = process.env.PATH, id = RUN) {
  const to = join(folder, 'backups')
  const run = writeArchive({
    paths: [join(folder, 'data')],
    to,
    keep: 2,
    label: 'data',
    stamp,
    run: id,
    packageList: null,
  })
  const [file = 'sh', ...args] = shell.split(' ')
  const { status, stdout, stderr } = spawnSync(file, [...args, '-c', run.text], {
    encoding: 'utf8',
    env: { PATH: path },
  })
  return { status, stdout, stderr, to, made: existsSync(to) ? readdirSync(to) : [] }
}

/** A folder in front of PATH in which `name` is this script. */
function shadow(name: string, script: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(bin, name), 0o755)
  return `${bin}:${process.env.PATH}`
}

describe.each(SHELLS)('an archive written by %s', (shell) => {
  it('H38: is proved by a sample, and private', () => {
    const { status, stdout, to, made } = write(shell)
    expect(status).toBe(0)
    expect(stdout).toMatch(
      /^name data-20261122T020000Z-01234567\nbytes \d+\nsha256 [0-9a-f]{64}\nsample \d+\nchanged 0\n$/,
    )
    expect(made).toEqual(['data-20261122T020000Z-01234567'])
    expect(statSync(join(to, 'data-20261122T020000Z-01234567')).mode & 0o777).toBe(0o700)
    expect(statSync(join(to, 'data-20261122T020000Z-01234567/archive.tar.gz')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(to, 'data-20261122T020000Z-01234567/manifest'), 'utf8')).toMatch(
      /^sample [0-9a-f]{64} {2}\S.*\/data\/file \d+$/m,
    )
  })

  it('H38: finds an archive that differs from what was read', () => {
    const gzip = execFileSync('sh', ['-c', 'command -v gzip'], { encoding: 'utf8' }).trim()
    // A disk that loses the last file: the archive is whole for gzip, and not what tar read.
    const path = shadow(
      'gzip',
      `case $1 in -c) head -c 10240 | ${gzip} -c; cat >/dev/null ;; *) exec ${gzip} "$@" ;; esac`,
    )
    const { status, stderr, made } = write(shell, undefined, path)
    expect([status, made]).toEqual([1, []])
    expect(stderr).toContain('The archive on the disk differs from what was read')
  })

  it('fails, and leaves nothing, when the disk is full', () => {
    const { status, made } = write(shell, undefined, shadow('gzip', 'echo "No space left on device" >&2; exit 1'))
    expect([status, made]).toEqual([1, []])
  })

  const backups = () => readdirSync(join(folder, 'backups')).sort()
  const lay = (...names: readonly string[]) => {
    for (const name of names) mkdirSync(join(folder, 'backups', name), { recursive: true })
  }

  it('keeps the newest ones and touches nothing else', () => {
    lay('data-20261101T020000Z-mine', 'data-20261101T020000Z-0123456', 'data-20261101T020000Z-012345678')
    writeFileSync(join(folder, 'backups/data-notes.txt'), 'mine')
    for (const day of [20, 21, 22, 23]) expect(write(shell, `202611${day}T020000Z`).status).toBe(0)
    expect(backups()).toEqual([
      'data-20261101T020000Z-0123456',
      'data-20261101T020000Z-012345678',
      'data-20261101T020000Z-mine',
      'data-20261122T020000Z-01234567',
      'data-20261123T020000Z-01234567',
      'data-notes.txt',
    ])
  })

  it('counts those of earlier versions, whose names end with the stamp, by their age', () => {
    lay('data-20261120T020000Z', 'data-20261121T020000Z-ffffffff', 'data-20261122T010000Z', 'etc-20261101T020000Z')
    expect(write(shell).status).toBe(0)
    expect(backups()).toEqual(['data-20261122T010000Z', 'data-20261122T020000Z-01234567', 'etc-20261101T020000Z'])
  })

  it('is no other run of the same second', () => {
    expect(write(shell, undefined, undefined, `f${RUN}`).status).toBe(0)
    expect(write(shell).made.sort()).toEqual(['data-20261122T020000Z-01234567', 'data-20261122T020000Z-f0123456'])
  })

  it('is never written over, and leaves what is there', () => {
    lay('data-20261122T020000Z-01234567')
    const { status, stderr } = write(shell)
    expect(status).toBe(1)
    expect(stderr).toContain('is there already')
    expect(backups()).toEqual(['data-20261122T020000Z-01234567'])
  })

  it('stays, also where others bear a time to come', () => {
    lay('data-20270101T020000Z', 'data-20270102T020000Z-01234567')
    expect(write(shell).made.sort()).toEqual(['data-20261122T020000Z-01234567', 'data-20270102T020000Z-01234567'])
  })

  it('takes what a run before it left half-way, and no more', () => {
    lay('data-20261101T020000Z.part', 'data-20261101T020000Z-01234567.part', 'data-mine.part')
    expect(write(shell).made.sort()).toEqual(['data-20261122T020000Z-01234567', 'data-mine.part'])
  })

  it('refuses a folder that everybody can write to', () => {
    mkdirSync(join(folder, 'backups'))
    chmodSync(join(folder, 'backups'), 0o777)
    expect(write(shell)).toMatchObject({ status: 1, made: [] })
  })

  it('names a path that is not there', () => {
    rmSync(join(folder, 'data'), { recursive: true })
    const { status, stderr } = write(shell)
    expect(status).toBe(1)
    expect(stderr).toContain('is not there; take it out of the paths of the backup')
  })
})

describe('archiveBackup', () => {
  const printed = `name etc-20261122T015959Z-01234567\nsha256 ${'0'.repeat(64)}\nchanged 0\n`
  const made = (outcome: 'done' | 'failed', output = printed) =>
    archiveBackup({ paths: ['/etc'], to: '/b', keep: 4 }).made(
      stageInput({}, { results: new Map([['prepare/backup.archive.etc', stepResult('x', { outcome, output })]]) }),
    )

  it('is not proved by a step that did not end well', () => {
    expect(made('failed')).toMatchObject([{ kind: 'backup', proved: false }])
    expect(made('done')).toMatchObject([{ kind: 'backup', proved: true }])
  })

  it('is where the step says that it wrote it, however long that took', () => {
    expect(made('done')).toMatchObject([
      {
        id: 'archive:/b/etc-20261122T015959Z-01234567',
        restoreWith: expect.stringContaining('--file=/b/etc-20261122T015959Z-01234567/archive.tar.gz'),
      },
    ])
  })

  it.each(['name ../../etc\n', 'name etc-x;id\n', ''])('is not proved where it is nowhere: %j', (name) => {
    expect(made('done', `${name}sha256 ${'0'.repeat(64)}\n`)).toMatchObject([{ proved: false }])
  })

  it('gives the exact command that restores, quoted', () => {
    expect(restoreCommand("/b/it's.tar.gz")).toBe(
      "tar --extract --gzip --file='/b/it'\\''s.tar.gz' --directory=/ --same-permissions --same-owner --numeric-owner --acls --xattrs",
    )
  })
})
